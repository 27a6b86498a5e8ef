"""edgekit: from a large CLIP detector to compact, verified bundles for edge devices.

Names are looked up when somebody asks for them: none of the libraries behind them is loaded before.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgekit.bundle import Bundle
    from edgekit.dataset import Dataset
    from edgekit.detectors.detector import Detector
    from edgekit.distillation.settings import DistillSettings
    from edgekit.errors import EdgekitError, InputError, OutputError, UnavailableError
    from edgekit.evidence import Evidence
    from edgekit.face.bench import bench
    from edgekit.face.calibrate import calibrate
    from edgekit.face.count import count
    from edgekit.face.detector import load_detector
    from edgekit.face.distill import distill
    from edgekit.face.export import export
    from edgekit.face.verify import verify
    from edgekit.figure import Figure
    from edgekit.performance.settings import BenchSettings
    from edgekit.results.counted import Counted
    from edgekit.results.measurement import Measurement
    from edgekit.results.verification import Verification
    from edgekit.verdict import Verdict
    from edgekit.verification.parity import Budget

    __version__: str

__all__ = [
    "BenchSettings",
    "Budget",
    "Bundle",
    "Counted",
    "Dataset",
    "Detector",
    "DistillSettings",
    "EdgekitError",
    "Evidence",
    "Figure",
    "InputError",
    "Measurement",
    "OutputError",
    "UnavailableError",
    "Verdict",
    "Verification",
    "__version__",
    "bench",
    "calibrate",
    "count",
    "distill",
    "export",
    "load_detector",
    "verify",
]
_ERRORS = ("EdgekitError", "InputError", "OutputError", "UnavailableError")
_STEPS = ("bench", "calibrate", "count", "distill", "export", "verify")
_WHERE = {
    **{name: f"face.{name}" for name in _STEPS},
    **dict.fromkeys(_ERRORS, "errors"),
    "BenchSettings": "performance.settings",
    "Budget": "verification.parity",
    "Bundle": "bundle",
    "Counted": "results.counted",
    "Dataset": "dataset",
    "Detector": "detectors.detector",
    "DistillSettings": "distillation.settings",
    "Evidence": "evidence",
    "Figure": "figure",
    "Measurement": "results.measurement",
    "Verdict": "verdict",
    "load_detector": "face.detector",
    "Verification": "results.verification",
}


def __getattr__(name: str) -> object:
    """Look a name up; the version too, because reading package metadata costs every start."""
    if name == "__version__":
        return _version()
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    """List what there is, for whoever completes names."""
    return __all__


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("edgekit")
    except PackageNotFoundError:  # a source tree that nobody installed
        return "0.0.0"
