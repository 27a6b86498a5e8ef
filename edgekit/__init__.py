"""edgekit: from a large CLIP detector to compact, verified bundles for edge devices."""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Look the version up when somebody asks: reading package metadata costs every start."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("edgekit")
    except PackageNotFoundError:  # a source tree that nobody installed
        return "0.0.0"
