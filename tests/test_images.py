import io
import struct
import zlib

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.errors import InputError
from edgekit.images import decode, preprocess, read_input
from edgekit.signature import Input, Preprocessing, image_input

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")


def encoded(kind="PNG", image=PHOTOGRAPH, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rules():
    def rule(height, width, resize, resize_to, kernel, colour):
        channels = 1 if colour == "L" else 3
        figures = {"mean": (0.5,) * channels, "std": (0.25,) * channels}
        return Preprocessing(
            size=(height, width),
            resize=resize,
            resize_to=resize_to,
            kernel=kernel,
            colour=colour,
            **figures,
        )

    edge = st.integers(1, 40)
    resize = st.sampled_from(["shortest", "longest", "squash", "none"])
    kernel = st.sampled_from(["nearest", "bilinear", "bicubic"])
    colour = st.sampled_from(["RGB", "BGR", "L"])
    return st.builds(rule, edge, edge, resize, st.none() | edge, kernel, colour)


@given(rules(), st.integers(1, 70), st.integers(1, 70), st.sampled_from(["RGB", "L", "RGBA", "P"]))
def test_any_image_becomes_the_shape_of_its_rule(rule, width, height, mode):
    image = PHOTOGRAPH.resize((width, height)).convert(mode)
    array = preprocess(image, rule)
    assert array.shape == (1, rule.channels, *rule.size)
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert (abs(array) <= 2.0 + 1e-6).all()


def test_normalization_is_scale_then_mean_then_std():
    rule = Preprocessing(size=(60, 80), resize="none", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    got = preprocess(PHOTOGRAPH, rule)[0]
    pixels = np.asarray(PHOTOGRAPH).transpose(2, 0, 1) / 255
    wanted = (pixels - np.array(rule.mean)[:, None, None]) / np.array(rule.std)[:, None, None]
    assert abs(got - wanted).max() < 1e-6


def test_bgr_turns_the_channels_around():
    rule = Preprocessing(size=(60, 80), resize="none")
    turned = rule.model_copy(update={"colour": "BGR"})
    assert (preprocess(PHOTOGRAPH, rule)[:, ::-1] == preprocess(PHOTOGRAPH, turned)).all()


@pytest.mark.parametrize("size", [(61, 80), (60, 81), (61, 81), (70, 90), (70, 40)])
@pytest.mark.parametrize("resize", ["none", "longest"])
def test_padding_has_the_colour_that_was_asked_for(size, resize):
    white = Image.new("RGB", (80, 60), (255, 255, 255))
    rule = Preprocessing(size=size, resize=resize, fill=255)
    assert (preprocess(white, rule) == 1.0).all()


def test_a_crop_is_taken_from_the_centre():
    pixels = np.zeros((30, 50, 3), dtype=np.uint8)
    pixels[10:20, 20:30] = 255
    rule = Preprocessing(size=(10, 10), resize="none")
    assert (preprocess(Image.fromarray(pixels), rule) == 1.0).all()


@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (64, 64), (65, 64)])
def test_shortest_agrees_with_torchvision(shape):
    from torchvision import transforms
    from torchvision.transforms import InterpolationMode

    image = Image.fromarray(skimage.data.coffee()).crop((50, 50, 50 + shape[1], 50 + shape[0]))
    rule = Preprocessing(size=(56, 56), resize_to=64)
    theirs = transforms.Compose(
        [
            transforms.Resize(64, interpolation=InterpolationMode.BICUBIC),
            transforms.CenterCrop(56),
            transforms.ToTensor(),
        ]
    )
    assert abs(preprocess(image, rule)[0] - theirs(image).numpy()).max() < 1e-6


def test_orientation_is_left_alone():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    assert decode(encoded("JPEG", exif=exif), "a.jpg").size == PHOTOGRAPH.size


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read(kind):
    image = decode(encoded(kind), "a")
    assert image.size == PHOTOGRAPH.size


@pytest.mark.parametrize("kind", FORMATS)
def test_every_truncation_is_one_clear_error_or_none(kind):
    whole = encoded(kind)
    failed = 0
    for size in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            decode(whole[:size], "photo")
        except InputError:
            failed += 1
    assert failed > 50


@given(st.data(), st.sampled_from(FORMATS))
def test_damaged_bytes_are_one_clear_error_or_none(draw, kind):
    damaged = bytearray(encoded(kind))
    for _ in range(4):
        at = draw.draw(st.integers(0, min(400, len(damaged) - 1)))
        damaged[at] = draw.draw(st.integers(0, 255))
    try:
        image = decode(bytes(damaged), "photo")
    except InputError:
        return
    assert image.width * image.height <= 100_000_000


@given(st.binary(max_size=200))
def test_bytes_that_are_no_image_are_one_clear_error(data):
    with pytest.raises(InputError):
        decode(data, "photo")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"photo is empty \(0 bytes\)"),
        (b"this is text", "not an image of a known format"),
        (encoded(image=PHOTOGRAPH.convert("I;16")), "mode I;16"),
        (encoded("TIFF", PHOTOGRAPH.convert("F")), "mode F"),
        (encoded("GIF", PHOTOGRAPH.convert("P")), "not an image of a known format"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(data, message):
    with pytest.raises(InputError, match=message):
        decode(data, "photo")


def _png_of(width, height):
    """Write the head of a PNG that claims to be large."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + b""


@pytest.mark.parametrize("size", [(10_001, 10_001), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.filterwarnings("ignore:Image size")
def test_huge_images_are_refused_before_they_are_decoded(size):
    with pytest.raises(InputError, match=r"photo is (too large|damaged)"):
        decode(_png_of(*size), "photo")


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
