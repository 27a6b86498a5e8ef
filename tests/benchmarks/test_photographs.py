import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.photographs import SIDE, SPLITS, split_photographs
from edgekit.errors import InputError


def test_a_zip_and_its_folder_hold_the_same_photographs(tmp_path):
    random = np.random.default_rng(0)
    for number in range(20):
        path = tmp_path / "folder" / f"{number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(256, size=(SIDE, SIDE + 1, 3), dtype=np.uint8)).save(path)
    (tmp_path / "folder" / "notes.txt").write_text("no image")
    zipped = shutil.make_archive(str(tmp_path / "zipped"), "zip", tmp_path / "folder")
    ours, theirs = (split_photographs(p, 0) for p in (Path(zipped), tmp_path / "folder"))
    assert sum(len(ours[split]) for split in SPLITS) == 20
    for split in SPLITS:
        for one, other in zip(ours[split], theirs[split], strict=True):
            assert one.name == other.name
            assert np.array_equal(one.read(), other.read())


@pytest.mark.parametrize("count", [20, 77, 500])
def test_every_photograph_is_in_one_split_and_every_split_has_some(tmp_path, count):
    for number in range(count):
        (tmp_path / f"{number}.jpg").touch()  # read later, when a picture is cut
    divided = split_photographs(tmp_path, seed=3)
    names = [item.name for split in SPLITS for item in divided[split]]
    assert sorted(names) == sorted(str(number) for number in range(count))
    assert all(divided.values())
    again = split_photographs(tmp_path, seed=4)
    assert [item.name for split in SPLITS for item in again[split]] != names


def test_the_sample_photographs_are_divided_and_large_enough():
    divided = split_photographs(None, 0)
    names = [item.name for split in SPLITS for item in divided[split]]
    assert len(names) == len(set(names)) == 11
    assert all(min(divided[split][0].read().shape[:2]) >= SIDE for split in SPLITS)


def test_too_few_photographs_give_one_clear_line(tmp_path):
    Image.new("RGB", (SIDE, SIDE)).save(tmp_path / "one.png")
    with pytest.raises(InputError, match="holds 1 photographs, the task needs at least 20"):
        split_photographs(tmp_path, 0)


@pytest.mark.parametrize("name", ["missing", "text"])
def test_a_wrong_place_gives_one_clear_line(tmp_path, name):
    (tmp_path / "text").write_text("no zip")
    with pytest.raises(InputError, match=r"does not exist|is no zip"):
        split_photographs(tmp_path / name, 0)


def test_small_photographs_are_refused(tmp_path):
    for number in range(20):
        Image.new("RGB", (SIDE, SIDE - 1)).save(tmp_path / f"{number}.png")
    photograph = split_photographs(tmp_path, 0)["test"][0]
    with pytest.raises(InputError, match=r"\.png is smaller than 256 x 256"):
        photograph.read()


def test_two_photographs_of_one_name_are_refused(tmp_path):
    for name in ("one.jpg", "one.png"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match="2 photographs are called 'one'"):
        split_photographs(tmp_path, 0)
