import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.dataset import open_dataset
from edgekit.errors import InputError
from edgekit.signature import Input, Preprocessing, Signature, image_input

RULE = Preprocessing(size=(8, 8))
ONE = Signature(inputs=(image_input(RULE),), classes=("real", "fake"), positive="fake")
TWO = ONE.model_copy(
    update={"inputs": (image_input(RULE), Input(name="extra", shape=(1, 2), layout="ANY"))}
)


def image(path, colour=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 9), (colour, 0, 0)).save(path)


def array(path, value=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.full(2, value, dtype=np.float32))


@pytest.fixture
def folder(tmp_path):
    image(tmp_path / "real" / "b.png", 1)
    image(tmp_path / "real" / "a.png", 2)
    image(tmp_path / "fake" / "style gan" / "ü 模型.JPG", 3)
    image(tmp_path / "fake" / "plain.jpeg", 4)
    return tmp_path


def test_samples_have_labels_slices_and_a_fixed_order(folder):
    data = open_dataset(folder, ONE)
    assert [sample.name for sample in data.samples] == [
        "real/a.png",
        "real/b.png",
        "fake/plain.jpeg",
        "fake/style gan/ü 模型.JPG",
    ]
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert data.positives.tolist() == [False, False, True, True]
    assert [sample.slice for sample in data.samples] == ["", "", "", "style gan"]


@given(st.integers(1, 6), st.permutations(range(4)))
def test_batches_give_every_sample_once_in_the_order_asked_for(tmp_path_factory, size, order):
    folder = tmp_path_factory.mktemp("data")
    for index in range(4):
        image(folder / ("real", "fake")[index % 2] / f"{index}.png", 60 * index)
    data = open_dataset(folder, ONE)
    batches = list(data.batches(size, order))
    assert np.concatenate([chosen for chosen, _ in batches]).tolist() == order
    stacked = np.concatenate([arrays[0] for _, arrays in batches])
    for row, index in enumerate(order):
        assert (stacked[row] == data.read(data.samples[index])[0][0]).all()


@pytest.mark.parametrize("left", [".hidden.png", ".thumbnails/a.png", "Thumbs.db", "a.png.part"])
def test_what_is_no_sample_is_left_out(folder, left):
    before = open_dataset(folder, ONE)
    image(folder / "real" / "x.png")
    path = folder / "real" / left
    path.parent.mkdir(exist_ok=True)
    (folder / "real" / "x.png").rename(path)
    after = open_dataset(folder, ONE)
    assert after.samples == before.samples
    assert after.sha256 == before.sha256


def test_a_folder_that_is_named_like_an_image_is_a_slice(folder):
    image(folder / "real" / "camera.png" / "c.png")
    names = [sample.name for sample in open_dataset(folder, ONE).samples]
    assert "real/camera.png/c.png" in names
    assert "real/camera.png" not in names


def test_the_hash_knows_bytes_labels_and_names_but_not_the_place(folder, tmp_path_factory):
    import shutil

    first = open_dataset(folder, ONE).sha256
    copy = shutil.copytree(folder, tmp_path_factory.mktemp("elsewhere") / "copy")
    assert open_dataset(copy, ONE).sha256 == first
    image(copy / "real" / "a.png", 200)
    assert open_dataset(copy, ONE).sha256 != first


def test_a_missing_folder_is_one_clear_error(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        open_dataset(tmp_path / "nowhere", ONE)


@pytest.mark.parametrize("make", [True, False])
def test_a_class_without_samples_says_which_folders_there_are(folder, make):
    signature = ONE.model_copy(update={"classes": ("real", "fake", "drawn")})
    if make:
        (folder / "drawn").mkdir()
    with pytest.raises(InputError, match=r"class 'drawn' has no samples .* fake, real"):
        open_dataset(folder, signature)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"text", "not an image"), (None, "damaged")]
)
def test_a_bad_image_is_named_when_it_is_read(folder, content, message):
    path = folder / "real" / "bad image.jpg"
    image(path)
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    data = open_dataset(folder, ONE)
    with pytest.raises(InputError, match=f"bad image.jpg.*{message}"):
        list(data.batches(4))


@pytest.fixture
def pairs(tmp_path):
    for name, value in (("real", 1.0), ("fake", 2.0)):
        image(tmp_path / name / "a.b.image.png")
        array(tmp_path / name / "a.b.extra.npy", value)
    return tmp_path


def test_several_inputs_are_brought_together_by_name(pairs):
    data = open_dataset(pairs, TWO)
    assert [sample.name for sample in data.samples] == ["real/a.b", "fake/a.b"]
    _, (images, extras) = next(data.batches(2))
    assert images.shape == (2, 3, 8, 8)
    assert extras.tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_a_sample_that_lacks_an_input_is_named(pairs):
    (pairs / "fake" / "a.b.extra.npy").unlink()
    with pytest.raises(InputError, match=r"fake/a\.b lacks input 'extra'"):
        open_dataset(pairs, TWO)


def test_one_input_in_two_files_is_refused(pairs):
    image(pairs / "fake" / "a.b.image.jpg")
    with pytest.raises(InputError, match="are the same input"):
        open_dataset(pairs, TWO)


def test_an_input_that_the_detector_has_not_is_counted(pairs):
    image(pairs / "fake" / "a.b.infrared.png")
    (left,) = open_dataset(pairs, TWO).left_out
    assert (left.kind, left.count) == ("of no input that the detector has", 1)


def test_a_picture_is_a_sample_by_its_content_and_a_suffix_that_lies_is_no_matter(folder):
    before = len(open_dataset(folder, ONE))
    for name in ("no suffix", "IMG_1.JPG.1", "notes.txt"):
        image(folder / "real" / "x.png")
        (folder / "real" / "x.png").rename(folder / "real" / name)
    data = open_dataset(folder, ONE)
    assert len(data) == before + 3
    assert data.left_out == ()
    assert sum(len(chosen) for chosen, _ in data.batches(4)) == before + 3


def test_what_is_left_out_is_counted_by_kind_with_an_example(folder):
    (folder / "real" / "b.heic").write_bytes(b"x")
    (folder / "real" / "a.heic").write_bytes(b"x")
    (folder / "fake" / "labels.csv").write_text("a,b")
    array(folder / "fake" / "a.npy")
    image(folder / "loose.png")
    image(folder / "drawn" / "a.png")
    found = {each.kind: (each.count, each.example) for each in open_dataset(folder, ONE).left_out}
    assert found == {
        ".heic": (2, "real/a.heic"),
        ".csv": (1, "fake/labels.csv"),
        ".npy where no input takes any": (1, "fake/a.npy"),
        "in no class folder": (1, "loose.png"),
        "in drawn, which is no class": (1, "drawn/a.png"),
    }


def test_an_unfinished_download_is_no_sample(folder):
    image(folder / "real" / "x.png")
    (folder / "real" / "x.png").rename(folder / "real" / "x.png.part")
    assert [each.kind for each in open_dataset(folder, ONE).left_out] == [".part"]


def test_a_class_in_decomposed_letters_is_the_same_class(folder):
    image(folder / "re\u0301el" / "x.png")
    signature = ONE.model_copy(update={"classes": ("r\u00e9el", "fake")})
    names = [sample.name for sample in open_dataset(folder, signature).samples]
    assert "r\u00e9el/x.png" in names


def test_upper_case_is_said(folder):
    (folder / "real").rename(folder / "Real")
    with pytest.raises(
        InputError, match=r"'real' has no samples.*Folder 'Real' is written otherwise"
    ):
        open_dataset(folder, ONE)


def test_a_class_with_nothing_but_other_files_says_which(folder):
    (folder / "drawn").mkdir()
    (folder / "drawn" / "a.heic").write_bytes(b"")
    signature = ONE.model_copy(update={"classes": ("real", "fake", "drawn")})
    with pytest.raises(InputError, match=r"which holds 1 \.heic"):
        open_dataset(folder, signature)


@pytest.mark.parametrize(
    "name", [b"a\nb.png", b"\xff\xfe.png", b"\x1b[31m.png", b"x" * 251 + b".png"]
)
def test_any_name_that_a_file_can_have_is_read_and_hashed(folder, name):
    image(folder / "real" / "x.png")
    os.rename(folder / "real" / "x.png", os.path.join(os.fsencode(folder / "real"), name))
    data = open_dataset(folder, ONE)
    assert len(data) == 5
    assert len(data.sha256) == 64
