"""The data of a project, opened and looked through."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.steps import data
from edgekit.steps.workspace import Workspace

OPEN = Callable[..., Workspace]


def signature(**more: str) -> Signature:
    rule = {"size": (64, 64), "mean": (0.5,), "std": (0.5,), "colour": "L", **more}
    inputs = [image_input(Preprocessing.parse(rule, "test"))]
    classes = {"classes": ("blurred", "sharp"), "positive": "sharp", "threshold": 0.5}
    return Signature.parse({"inputs": inputs, **classes}, "test")


def looked(open_space: OPEN, folder: Path, **more: str) -> list[tuple[str, str, bool]]:
    space = open_space(folder)
    assert len(data.split(space, "test", signature(**more))) == 4
    data.split(space, "test", signature(**more))
    return space.reporter.lines


def test_a_split_is_looked_through_once_for_all_processes(open_space: OPEN, folder: Path) -> None:
    assert looked(open_space, folder) == [("test files", "4 samples", False)]
    assert looked(open_space, folder) == [("test files", "4 samples", True)]


def test_another_policy_looks_again(open_space: OPEN, folder: Path) -> None:
    looked(open_space, folder)
    assert not looked(open_space, folder, orientation="stored")[0][2]


def test_what_was_found_is_kept(open_space: OPEN, folder: Path) -> None:
    space = open_space(folder)
    data.split(space, "test", signature())
    assert data.looked_through(space, "test").samples == 4


def test_a_record_of_files_cut_short_is_made_again(open_space: OPEN, folder: Path) -> None:
    looked(open_space, folder)
    path = folder / "build" / "files" / "test.json"
    path.write_text(path.read_text()[:30])
    with pytest.raises(InputError, match="not readable JSON"):
        data.looked_through(open_space(folder), "test")
    assert not looked(open_space, folder)[0][2]
    assert data.looked_through(open_space(folder), "test").samples == 4
