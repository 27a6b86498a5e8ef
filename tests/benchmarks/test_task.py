import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from benchmarks.photographs import SIDE, SPLITS
from benchmarks.students import STUDENTS, new_detector
from benchmarks.task import make_task
from edgekit.dataset import open_dataset
from edgekit.sample.decoders import UNSEEN

COUNT = 24
PAIRS = {"test": 12, "heldout": 6, "calibration": 3, "validation": 3, "train": 15}


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """Windows of one photograph, each 256 x 256 and none twice, in a zip."""
    pixels = data.astronaut()
    path = tmp_path_factory.mktemp("photos") / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(COUNT):
            top = 10 * number
            archive.writestr(f"some/{number:02d}.jpg", jpeg(pixels[top : top + SIDE, :SIDE]))
        archive.writestr("some/notes.txt", "no image")
    return path


@pytest.fixture(scope="module")
def task(photos) -> Path:
    folder = photos.parent / "data"
    make_task(folder, photos, pairs=PAIRS)
    return folder


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def photographs_of(split: Path) -> set[str]:
    return {path.stem.rpartition("_")[0] for path in split.rglob("*.jpg")}


def test_no_photograph_is_in_two_splits(task):
    names = [photographs_of(task / split) for split in SPLITS]
    assert all(names)
    assert sum(len(each) for each in names) == len(set().union(*names)) == COUNT


def test_classes_are_balanced_and_pictures_have_one_size(task):
    signature = new_detector(STUDENTS["efficientvit_b0"]).signature
    for split in SPLITS:
        found = open_dataset(task / split, signature)
        assert found.positives.sum() * 2 == len(found)
        for sample in found.samples:
            with Image.open(sample.paths[0]) as image:
                assert image.size == (SIDE, SIDE)


def test_a_fake_is_near_its_real_picture_and_encoded_alike(task):
    for fake in (task / "test/fake").rglob("*.jpg"):
        with Image.open(fake) as drawn, Image.open(task / "test/real" / fake.name) as taken:
            assert drawn.quantization == taken.quantization
            apart = np.abs(np.asarray(drawn, float) - np.asarray(taken, float)).mean()
        assert 0 < apart < 30


def test_the_unseen_decoder_works_for_test_alone(task):
    slices = {split: {path.name for path in (task / split / "fake").iterdir()} for split in SPLITS}
    assert [split for split in SPLITS if UNSEEN in slices[split]] == ["test"]
    assert len(slices["train"]) == 3


def test_the_same_photographs_give_the_same_bytes(task, photos, tmp_path):
    make_task(tmp_path / "again", photos, pairs=PAIRS)
    assert files(tmp_path / "again") == files(task)


def test_what_is_there_is_kept_and_what_differs_is_made_anew(photos, tmp_path):
    folder = tmp_path / "data"
    first = make_task(folder, photos, pairs=PAIRS)
    marker = folder / "train" / "marker"
    marker.touch()
    assert make_task(folder, photos, pairs=PAIRS) == first
    assert marker.exists()
    assert make_task(folder, photos, seed=1, pairs=PAIRS) != first
    assert not marker.exists()
