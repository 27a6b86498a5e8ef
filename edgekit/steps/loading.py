"""Load a Detector that a table of the project file describes, and name all that decides it."""

from typing import TYPE_CHECKING

from edgekit.hashes import sha256_json
from edgekit.settings import ForeignJson
from edgekit.steps.step import Input
from edgekit.steps.workspace import Workspace

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector

LOADER = "edgekit.face.detector"


def teacher(space: Workspace) -> "Detector":
    """Load the teacher."""
    return load(space, "teacher", space.project.settings.teacher or {})


def load(space: Workspace, name: str, table: ForeignJson) -> "Detector":
    """Load a Detector once in this process.

    Args:
        space: the project's workspace.
        name: of the table in the project file.
        table: what it says.

    Raises:
        InputError: when anything it names is missing, damaged or does not fit.
    """

    def make() -> "Detector":
        from edgekit.face.detector import load_detector

        where = f"[{name}] of {space.project.path.name}"
        detector = load_detector(table, space.project.base, where)
        tell(space, name, detector)
        return detector

    loaded: Detector = space.remember(name, make)
    return loaded


def tell(space: Workspace, name: str, detector: "Detector") -> None:
    """Report what a user should know about a Detector that was loaded."""
    for note in detector.notes:
        space.reporter.done(name, note)


def source_input(space: Workspace, table: ForeignJson) -> Input:
    """Return what a table says and the files that it names as a step's input."""
    return Input(lambda: _source_sha256(space, table))


def _source_sha256(space: Workspace, table: ForeignJson) -> str:
    from edgekit.detectors.sources import source_files

    files = source_files(table, space.project.base)
    return sha256_json([table, *map(space.tree_sha256, files)])
