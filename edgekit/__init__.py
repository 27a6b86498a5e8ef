"""edgekit: from a large CLIP detector to compact, verified bundles for edge devices."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("edgekit")
except PackageNotFoundError:  # a source tree that nobody installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
