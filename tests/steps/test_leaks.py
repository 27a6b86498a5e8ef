"""Images that are in two splits."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.steps.leaks import refuse_leaks, refuse_overlaps
from edgekit.steps.workspace import Workspace

OPEN = Callable[..., Workspace]


def test_three_sets_that_share_nothing_are_taken(space: Workspace) -> None:
    refuse_leaks(space)
    refuse_overlaps(space)


@pytest.mark.parametrize(("other", "said"), [("c", "calibration"), ("t", "test")])
def test_a_held_out_image_that_was_seen_is_named(
    folder: Path, space: Workspace, other: str, said: str
) -> None:
    shutil.copy(folder / "v" / "sharp" / "000.png", folder / other / "sharp" / "copy.png")
    with pytest.raises(InputError, match=f"copy.png of the {said} set is the same file") as caught:
        refuse_overlaps(space)
    assert "Choose the precision on images" in str(caught.value)


def test_a_test_image_that_calibration_uses_is_named(folder: Path, space: Workspace) -> None:
    shutil.copy(folder / "t" / "sharp" / "000.png", folder / "c" / "sharp" / "copy.png")
    with pytest.raises(InputError, match=r"copy\.png of the calibration set .* of the test set"):
        refuse_leaks(space)


def test_one_folder_for_two_sets_is_called_an_overlap(folder: Path, open_space: OPEN) -> None:
    space = open_space(folder, change=('calibration = "c"', 'calibration = "t"'))
    with pytest.raises(InputError, match="the two folders overlap"):
        refuse_leaks(space)


def test_a_search_without_a_held_out_set_is_refused(folder: Path, open_space: OPEN) -> None:
    space = open_space(folder, change=('validation = "v"\n', ""))
    with pytest.raises(InputError, match="names no `validation` folder"):
        refuse_overlaps(space)


def grouped(folder: Path, open_space: OPEN, rule: str = "(g[0-9]+)_") -> Workspace:
    change = ("[data]\n", f"[data]\ngroups = '{rule}'\n")
    return open_space(folder, change=change)


def named(folder: Path, split: str, group: str) -> None:
    """Name the first image of a split as of a group."""
    (folder / split / "sharp" / "000.png").rename(folder / split / "sharp" / f"{group}_000.png")


def test_a_group_in_two_splits_is_named(folder: Path, open_space: OPEN) -> None:
    for split, group in (("t", "g1"), ("c", "g2"), ("v", "g1")):
        named(folder, split, group)
    said = r"group 'g1' is in the validation set \(.*g1_000\.png\) and in the test set"
    with pytest.raises(InputError, match=said):
        refuse_overlaps(grouped(folder, open_space))
    (folder / "v" / "sharp" / "g1_000.png").rename(folder / "v" / "sharp" / "g3_000.png")
    refuse_overlaps(grouped(folder, open_space))


def test_a_test_set_of_one_group_is_refused_before_any_work(folder: Path, open_space: OPEN) -> None:
    for place, path in enumerate(sorted((folder / "t").rglob("*.png"))):
        path.rename(path.with_name(f"g1_{place}.png"))
    with pytest.raises(InputError, match="all 4 test files are of one group, 'g1'"):
        refuse_leaks(grouped(folder, open_space))


def test_a_sheet_is_looked_through_too(folder: Path, open_space: OPEN) -> None:
    """A validation set as a sheet, of which one file is a calibration image's copy."""
    shutil.copy(folder / "c" / "sharp" / "000.png", folder / "copy.png")
    (folder / "v.csv").write_text(
        "path,label,group\ncopy.png,sharp,g\nv/blurred/000.png,blurred,\n"
    )
    space = open_space(folder, change=('validation = "v"', 'validation = "v.csv"'))
    with pytest.raises(InputError, match=r"calibration set is the same file as .*copy\.png"):
        refuse_overlaps(space)
