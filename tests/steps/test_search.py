"""The search step: what it depends on, and what it refuses."""

import shutil
from pathlib import Path

import pytest

from edgekit.devices.device import device_named
from edgekit.errors import InputError
from edgekit.steps import search
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named

PROJECT = """
[project]
name = "small"
[detector]
kind = "exported"
program = "student.pt2"
[data]
validation = "v"
calibration = "c"
test = "t"
[targets.x86]
precision = "auto"
"""


@pytest.fixture
def folder(tmp_path: Path, write_dataset) -> Path:
    for seed, name in enumerate("vct"):
        write_dataset(tmp_path / name, count=2, seed=seed)
    (tmp_path / "student.pt2").write_bytes(b"weights")
    ranges = tmp_path / "build" / "calibration" / "ranges.npz"
    ranges.parent.mkdir(parents=True)
    ranges.write_bytes(b"ranges")
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    return tmp_path


def space_of(folder: Path, more: str = "") -> Workspace:
    (folder / "edgekit.toml").write_text(PROJECT + more)
    space = Workspace(open_project(folder))
    space.memory["calibrate"] = folder / "build" / "calibration" / "ranges.npz"
    return space


def test_three_sets_that_share_nothing_are_taken(folder: Path) -> None:
    search.refuse_overlaps(space_of(folder))


@pytest.mark.parametrize(("other", "said"), [("c", "calibration"), ("t", "test")])
def test_a_held_out_image_that_was_seen_is_named(folder: Path, other: str, said: str) -> None:
    twin = folder / other / "sharp" / "copy.png"
    shutil.copy(folder / "v" / "sharp" / "000.png", twin)
    with pytest.raises(InputError, match=f"copy.png of the {said} set is the same file") as caught:
        search.refuse_overlaps(space_of(folder))
    assert "Choose the precision on images" in str(caught.value)


def test_a_longer_search_has_the_same_trials(folder: Path) -> None:
    def depends(more: str = "", target: str = "x86") -> object:
        return search._decisive(space_of(folder, more), target_named(target), device_named("local"))

    assert depends() == depends("[search]\nseconds = 9\n")
    changed = [
        depends("[search]\npairs = 9\n"),
        depends("[budget]\nauc = 0.5\n"),
        depends(target="android"),
    ]
    (folder / "v" / "sharp" / "000.png").write_bytes(b"another")
    changed.append(depends())
    assert all(other != depends("[bench]\nthreads = 2\n") for other in changed)
    (folder / "student.pt2").write_bytes(b"trained on")
    assert depends() not in changed
