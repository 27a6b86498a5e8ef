"""Detectors that the project file describes, and what decides them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.steps.loading import load, source_input, teacher
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace

TABLE = {"kind": "exported", "program": "student.pt2"}


def test_the_table_and_the_files_that_it_names_decide(
    folder: Path, open_space: Callable[..., Workspace]
) -> None:
    def key(**more: str) -> str:
        return str(source_input(open_space(folder), {**TABLE, **more}).value())

    before = key()
    assert before == key()
    assert before != key(positive="sharp")
    (folder / "student.pt2").write_bytes(b"trained on")
    assert before != key()


def test_what_cannot_be_loaded_names_its_table(space: Workspace) -> None:
    with pytest.raises(InputError, match="settings of kind exported: signature"):
        load(space, "detector", TABLE)
    with pytest.raises(InputError, match=r"\[detector\] of edgekit\.toml"):
        load(space, "detector", {"kind": "unheard of"})


def test_a_teacher_is_loaded_once(fresh_project: Path) -> None:
    space = Workspace(open_project(fresh_project))
    assert teacher(space) is teacher(space)
    assert teacher(space).signature.classes == ("real", "fake")
