import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from edgekit.errors import InputError
from edgekit.inputs import read_input
from edgekit.signature import Input, Preprocessing, image_input

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))


def encoded(kind="PNG", image=PHOTOGRAPH, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_thread_of_pixels_is_refused_before_it_is_resized(tmp_path):
    path = tmp_path / "thin.png"
    Image.new("RGB", (1, 60_000)).save(path)
    spec = image_input(Preprocessing(size=(224, 224)))
    with pytest.raises(InputError, match=r"thin\.png is too thin"):
        read_input(path, spec)


@pytest.mark.parametrize("name", ["a b.png", "ünï 模型 🙂.png", "[x]*.png", "-n.png"])
def test_names_with_spaces_and_unicode(tmp_path, name):
    path = tmp_path / name
    PHOTOGRAPH.save(path)
    assert read_input(path, image_input(Preprocessing(size=(8, 8)))).shape == (1, 3, 8, 8)


VECTOR = Input(name="vector", shape=(1, 3), layout="ANY")


@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_arrays_are_read_with_or_without_the_batch_dimension(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.arange(3.0).reshape(shape))
    array = read_input(tmp_path / "a.npy", VECTOR)
    assert array.tolist() == [[0.0, 1.0, 2.0]]
    assert array.dtype == np.float32


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(4), r"has shape \(4,\)"),
        (np.array([1.0, np.nan, 0.0]), "NaN or infinity"),
        (np.array([1.0, np.inf, 0.0]), "NaN or infinity"),
        (np.array([{}, 1, 2], dtype=object), "not a .npy array of numbers"),
        (np.array(["a", "b", "c"]), "not a .npy array of numbers"),
        (np.array([1e300, 0.0, 0.0]), "NaN or infinity"),
        (np.array([1j, 0, 0]), "not a .npy array of numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_one_clear_error(tmp_path, value, message):
    np.save(tmp_path / "a.npy", value)
    with pytest.raises(InputError, match=message):
        read_input(tmp_path / "a.npy", VECTOR)


def test_every_truncation_of_an_array_is_one_clear_error(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(3))
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError):
            read_input(path, VECTOR)


def test_an_array_that_claims_to_be_huge_is_one_clear_error(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(3))
    path.write_bytes(path.read_bytes().replace(b"(3,), ", b"(3" + b"0" * 3 + b",)"))
    with pytest.raises(InputError, match=r"a\.npy"):
        read_input(path, VECTOR)


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        read_input(tmp_path / "a.npy", VECTOR)


def test_a_disturbance_happens_to_the_picture_as_it_is_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    glass = PHOTOGRAPH.copy()
    glass.putalpha(Image.linear_gradient("L").resize(glass.size))
    glass.save(tmp_path / "a.png", exif=exif)
    seen = []

    def watch(image):
        seen.append((image.mode, image.size))
        return image

    for colour in ("RGB", "L"):
        spec = image_input(Preprocessing(size=(8, 8), colour=colour))
        plain = read_input(tmp_path / "a.png", spec)
        assert abs(read_input(tmp_path / "a.png", spec, watch) - plain).max() < 0.02
    assert seen == [("RGB", PHOTOGRAPH.size[::-1])] * 2
