"""Splits as inputs of steps."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.steps.splits import sample_step, seen_input, seen_slices, split_input, split_sha256
from edgekit.steps.workspace import Workspace

OPEN = Callable[..., Workspace]
NAMED = ('validation = "v"\ncalibration = "c"\ntest = "t"', "sample = 3")


def test_a_split_is_known_by_its_files(folder: Path, open_space: OPEN) -> None:
    before = split_sha256(open_space(folder), "test")
    assert before == split_input(open_space(folder), "test").value()
    (folder / "t" / "sharp" / "000.png").write_bytes(b"another")
    assert split_sha256(open_space(folder), "test") != before


def test_a_folder_that_is_not_there_is_named(folder: Path, space: Workspace) -> None:
    (folder / "t").rename(folder / "elsewhere")
    with pytest.raises(InputError, match=r"dataset folder .*t does not exist"):
        split_sha256(space, "test")


def test_only_sample_data_have_a_step(folder: Path, open_space: OPEN) -> None:
    assert sample_step(open_space(folder)) is None
    space = open_space(folder, change=NAMED)
    step = sample_step(space)
    assert step is not None
    assert (step.name, step.settings) == ("sample data", {"seed": 3})
    given = split_input(space, "test").of
    assert given is not None
    assert given.name == "sample data"


def test_slices_in_training_are_what_its_folders_say(folder: Path, open_space: OPEN) -> None:
    assert seen_slices(open_space(folder)) is None
    (folder / "train" / "sharp" / "phone").mkdir(parents=True)
    (folder / "train" / "blurred" / "camera").mkdir(parents=True)
    space = open_space(folder, change=("[data]", '[data]\ntrain = "train"'))
    assert seen_slices(space) == {"phone", "camera"}
    assert seen_input(space).value() == ["camera", "phone"]
