"""`edgekit.load_detector`."""

from collections.abc import Mapping

from edgekit.detectors import registry
from edgekit.detectors.detector import Detector
from edgekit.errors import InputError
from edgekit.face.given import Folder, kind, path_of


def load_detector(
    source: Folder | Mapping[str, object], base: Folder = ".", where: str = "the detector's table"
) -> Detector:
    """Load a float Detector: a CLIP teacher, a student, or a network of one's own.

    Args:
        source: a folder that edgekit saved, or what `[teacher]` of a project file would say:
            `{"kind": "open_clip", "model": "folder", ...}`.
        base: where relative paths of such a table start.
        where: what messages call the table.

    Raises:
        InputError: when anything it names is missing, damaged or does not fit.
    """
    if isinstance(source, Mapping):
        return registry.load_detector(dict(source), path_of(base, "base"), where)
    return registry.open_detector(path_of(source, "detector"))


def checked_detector(value: Detector) -> Detector:
    """Return a Detector.

    Raises:
        InputError: when it is something else.
    """
    if not isinstance(value, Detector):
        raise InputError(f"a Detector is needed, not {kind(value)}", "Load it with load_detector")
    return value
