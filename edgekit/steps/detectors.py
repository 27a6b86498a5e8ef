"""The float Detectors by their roles: the teacher, and what artifacts are built from."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgekit.hashes import size_of
from edgekit.steps.distill import distill_step
from edgekit.steps.loading import load, source_input, teacher
from edgekit.steps.step import Input
from edgekit.steps.workspace import Workspace

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector

Role = Literal["teacher", "student"]
_PARTS = ("factory", "head", "lora")  # settings whose files are not the network's own weights


def student_detector(space: Workspace) -> "Detector":
    """Return the float Detector that artifacts are built from, distilled where it must be."""
    if space.project.settings.detector is not None:
        return load(space, "detector", space.project.settings.detector)
    folder = student_folder(space)

    def make() -> "Detector":
        from edgekit.face.detector import load_detector

        return load_detector(folder)

    opened: Detector = space.remember("student", make)
    return opened


def student_folder(space: Workspace) -> Path:
    """Distil the student unless that is done, and return its folder."""
    return space.made(distill_step(space))


def student_sha256(space: Workspace) -> str:
    """Hash the float Detector that artifacts are built from, distilled where it must be."""
    given = detector_input(space, "student")
    if given.of is not None:
        space.made(given.of)
    return str(given.value())


def detector_of(space: Workspace, role: Role) -> "Detector":
    """Load the teacher or the student."""
    return student_detector(space) if role == "student" else teacher(space)


def detector_input(space: Workspace, role: Role) -> Input:
    """Return the teacher or the student as a step's input."""
    settings = space.project.settings
    if role == "student" and settings.detector is None:
        return space.left_by(distill_step(space))
    return source_input(space, settings.teacher or settings.detector or {})


def weights_size(space: Workspace, role: Role) -> int | None:
    """Return the bytes of the files with the weights; None where most are in none that we know."""
    found = weights_of(space, role)
    return sum(size_of(path) for path in found) if found else None


def weights_of(space: Workspace, role: Role) -> list[Path]:
    """List the files and folders that the teacher's or the student's weights are in, each once.

    None where only a head or an adapter is in a file: what they sit on comes from a hub, from a
    factory's code or is not trained.
    """
    from edgekit.detectors.sources import source_files

    settings = space.project.settings
    if role == "student" and settings.detector is None:
        return [student_folder(space)]
    given, base = settings.teacher or settings.detector or {}, space.project.base
    if not source_files({k: v for k, v in given.items() if k not in _PARTS}, base):
        return []
    found = source_files({k: v for k, v in given.items() if k != "factory"}, base)
    inner = {path for path in found if any(other in path.parents for other in found)}
    return [path for path in found if path not in inner]
