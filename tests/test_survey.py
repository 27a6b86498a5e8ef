"""What is said about a dataset's files."""

import pytest
import skimage.data
from PIL import Image

from edgekit.dataset import open_dataset
from edgekit.errors import InputError
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.survey import survey

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))


def signature(**policy):
    rule = Preprocessing(size=(8, 8), **policy)
    return Signature(inputs=(image_input(rule),), classes=("real", "fake"), positive="fake")


@pytest.fixture
def folder(tmp_path):
    for name in ("real", "fake"):
        (tmp_path / name).mkdir()
        PHOTOGRAPH.save(tmp_path / name / "plain.png")
    return tmp_path


def exif(orientation):
    found = Image.Exif()
    found[0x0112] = orientation
    return found


def test_plain_files_need_no_words(folder):
    PHOTOGRAPH.convert("RGBA").save(folder / "real" / "opaque.png")
    PHOTOGRAPH.save(folder / "real" / "upright.jpg", exif=exif(1))
    found = survey(open_dataset(folder, signature()))
    assert (found.samples, found.pictures, found.files, found.notes) == (4, 4, 4, ())


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "they are turned upright, as viewers show them"),
        ({"orientation": "stored"}, "it is not applied"),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif"])
def test_an_orientation_that_matters_is_said(folder, policy, said, suffix):
    PHOTOGRAPH.save(folder / "fake" / f"phone.{suffix}", exif=exif(6))
    found = survey(open_dataset(folder, signature(**policy)))
    assert [(each.kind, each.count) for each in found.matters] == [("orientation", 1)]
    assert f"1 of 3 images carry an EXIF orientation: {said}" in found.notes[0]
    assert f"(fake/phone.{suffix})" in found.notes[0]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "laid over white"),
        ({"alpha": "black"}, "laid over black"),
        ({"alpha": "drop"}, "dropped"),
    ],
)
def test_transparent_pixels_are_said(folder, policy, said):
    glass = PHOTOGRAPH.convert("RGBA")
    glass.putpixel((3, 3), (9, 9, 9, 254))
    glass.save(folder / "fake" / "glass.png")
    (note,) = survey(open_dataset(folder, signature(**policy))).notes
    assert note.startswith("1 of 3 images have transparent pixels")
    assert said in note


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "avif", "tif", "mpo"])
def test_frames_and_pages_are_said(folder, suffix):
    more = PHOTOGRAPH.rotate(90)
    PHOTOGRAPH.save(folder / "fake" / f"many.{suffix}", save_all=True, append_images=[more])
    (note,) = survey(open_dataset(folder, signature())).notes
    assert note.startswith("1 of 3 images have several frames or pages: the first is read")


def test_what_is_left_out_comes_first_with_advice(folder):
    (folder / "real" / "a.heic").write_bytes(b"")
    PHOTOGRAPH.save(folder / "real" / "phone.jpg", exif=exif(3))
    found = survey(open_dataset(folder, signature()))
    assert found.files == 4
    assert found.notes[0].startswith("1 of 4 files are no samples: 1 .heic (real/a.heic; convert")
    assert len(found.notes) == 2


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b"<html>", "is a web page")])
def test_a_damaged_picture_is_named(folder, content, message):
    (folder / "fake" / "bad.jpg").write_bytes(content)
    with pytest.raises(InputError, match=f"bad.jpg {message}"):
        survey(open_dataset(folder, signature()))
