"""Which module loads which kind of Detector.

A new kind is one module beside this one and one line below. The module offers
`load(settings: dict, base: Path) -> Detector`, where `settings` is the table of the project file
without `kind`, and `base` is the folder that relative paths start from. A kind whose Detectors can
be saved also offers `build(architecture: dict) -> nn.Module`: the model without its weights. It
must be safe on a folder that somebody else sent: it downloads nothing and runs no code but its
library's. What a kind reads from disk is listed in `edgekit.detectors.sources`.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from edgekit.detectors.detector import Detector, check_outputs, read_record
from edgekit.detectors.fill import fill
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.settings import Json

KINDS = {
    "open_clip": "edgekit.detectors.open_clip",
    "hugging_face": "edgekit.detectors.hugging_face",
    "timm": "edgekit.detectors.timm",
    "factory": "edgekit.detectors.factory",
    "exported": "edgekit.detectors.exported",
}


def module_of(kind: str, where: str | Path) -> ModuleType:
    """Import the module that loads `kind`.

    Raises:
        InputError: when no such kind is registered.
    """
    if kind not in KINDS:
        raise InputError(f"{where}: unknown kind {kind!r}", f"Use one of {', '.join(KINDS)}")
    return import_module(KINDS[kind])


def load_detector(table: Json, base: Path, where: str) -> Detector:
    """Load the Detector that a table of the project file describes, and run it once.

    Args:
        table: with `kind`; the other keys are that kind's settings.
        base: folder that relative paths start from.
        where: the table's name, for messages, such as "[teacher] of edgekit.toml".

    Raises:
        InputError: when anything it names is missing, damaged or does not fit.
    """
    settings = dict(table)
    module = module_of(str(settings.pop("kind", "")), where)
    detector: Detector = module.load(settings, base)
    detector.model.eval()
    return check_outputs(detector, where)


def open_detector(folder: Path) -> Detector:
    """Load a Detector that `save_detector` wrote.

    Raises:
        InputError: when the folder is incomplete, damaged or of another format.
    """
    record = read_record(folder)
    architecture = dict(record.architecture)
    module = module_of(str(architecture.get("kind", "")), folder / "detector.json")
    if not hasattr(module, "build"):
        raise InputError(
            f"{folder}: a detector of kind {architecture['kind']!r} is not opened from a folder",
            "Name it in the project file by its kind",
        )
    model = module.build(architecture)
    weights = folder / "weights.safetensors"
    fill(model, read_weights(weights), weights)
    return check_outputs(Detector(model.eval(), record.signature, architecture), folder)
