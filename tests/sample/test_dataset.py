from pathlib import Path

import pytest
from PIL import Image

from edgekit.hashes import sha256_tree
from edgekit.sample.dataset import make_dataset
from edgekit.sample.decoders import DESIGNS, UNSEEN
from edgekit.sample.photographs import PHOTOGRAPHS, SPLITS

FEW = {"train": 6, "calibration": 3, "validation": 3, "test": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    make_dataset(folder, crops=FEW)
    return folder


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder, tmp_path):
    make_dataset(tmp_path / "again", seed=0, crops=FEW)
    make_dataset(tmp_path / "other", seed=1, crops=FEW)
    assert sha256_tree(tmp_path / "again") == sha256_tree(folder)
    assert sha256_tree(tmp_path / "other") != sha256_tree(folder)


def test_crops_lie_in_the_split_of_their_photograph_only(folder):
    split_of = {photograph.name: photograph.split for photograph in PHOTOGRAPHS}
    for file in folder.rglob("*.jpg"):
        assert file.relative_to(folder).parts[0] == split_of[file.stem.rsplit("_", 1)[0]]


def test_the_unseen_decoder_is_in_test_only(folder):
    seen = set(DESIGNS) - {UNSEEN}
    for split in SPLITS:
        slices = {path.name for path in (folder / split / "fake").iterdir()}
        assert slices == (seen | {UNSEEN} if split == "test" else seen)


def test_classes_are_balanced_and_paired(folder):
    for split in SPLITS:
        real = sorted(path.name for path in (folder / split / "real").iterdir())
        fake = sorted(path.name for path in (folder / split / "fake").rglob("*.jpg"))
        assert real == fake


def test_a_pair_shares_size_mode_and_quantization_tables(folder):
    for fake in folder.rglob("fake/*/*.jpg"):
        with Image.open(fake) as one, Image.open(fake.parents[2] / "real" / fake.name) as other:
            assert one.size == other.size == (128, 128)
            assert one.mode == other.mode == "RGB"
            assert one.quantization == other.quantization
            assert one.tobytes() != other.tobytes()


def test_what_a_decoder_makes_of_a_grey_photograph_is_grey(folder):
    for file in (folder / "test" / "fake").rglob("camera_*.jpg"):
        with Image.open(file) as image:
            red, green, blue = image.split()
        assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_licences_go_with_the_data(folder):
    text = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert all(photograph.file in text for photograph in PHOTOGRAPHS)


def test_progress_ends_at_the_number_of_images(tmp_path):
    calls = []
    make_dataset(
        tmp_path / "data",
        crops=dict.fromkeys(SPLITS, 1),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls[-1] == (len(PHOTOGRAPHS) * 2,) * 2
    assert len(list((tmp_path / "data").rglob("*.jpg"))) == len(PHOTOGRAPHS) * 2


def test_nothing_stays_of_a_run_that_is_stopped(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_dataset(tmp_path / "data", crops=FEW, progress=stop)
    assert list(tmp_path.iterdir()) == []
