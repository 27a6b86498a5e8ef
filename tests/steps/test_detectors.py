"""The float Detectors by their roles."""

from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_the_size_is_that_of_the_files_with_weights(folder: Path, space: Workspace) -> None:
    assert detectors.weights_size(space, "student") == (folder / "student.pt2").stat().st_size


@pytest.mark.parametrize(
    "table",
    [
        'kind = "hugging_face"\nmodel = "somebody/model"\nhead = "student.pt2"',
        'kind = "timm"\nmodel = "efficientvit_b0"',
        'kind = "factory"\nfactory = "net.py:make"',
    ],
)
def test_weights_in_no_file_of_the_project_have_no_size(
    folder: Path, open_space: Callable[..., Workspace], table: str
) -> None:
    (folder / "net.py").write_text("def make(): ...\n")
    space = open_space(folder, change=('kind = "exported"\nprogram = "student.pt2"', table))
    assert detectors.weights_size(space, "student") is None
