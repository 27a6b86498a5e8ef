"""The float Detectors by their roles."""

from pathlib import Path

from edgekit.steps import detectors
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace


def test_with_a_teacher_the_student_is_what_distillation_leaves(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    given = detectors.detector_input(space, "student")
    assert given.of is not None
    assert given.of.output == detectors.student_folder(space) == done_project / "build" / "student"
    assert detectors.student_sha256(space) == given.value()
    assert detectors.student_detector(space) is detectors.detector_of(space, "student")
    assert detectors.detector_of(space, "teacher").signature.classes == ("real", "fake")


def test_a_detector_of_its_own_is_what_its_table_says(folder: Path, space: Workspace) -> None:
    given = detectors.detector_input(space, "student")
    assert given.of is None
    assert detectors.student_sha256(space) == given.value()
    assert detectors.weights_of(space, "student") == [folder / "student.pt2"]


def test_a_file_inside_a_folder_counts_once(fresh_project: Path) -> None:
    space = Workspace(open_project(fresh_project))  # whose head lies in the model's folder
    assert detectors.weights_of(space, "teacher") == [fresh_project / "teacher"]
