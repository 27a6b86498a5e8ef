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
from edgekit.images import decode, is_picture, reads_heif

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))


FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF", "AVIF")


def encoded(kind="PNG", image=PHOTOGRAPH, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_orientation_is_left_to_preprocessing():
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


def frames(kind):
    """The photograph, then its mirror image."""
    mirror = PHOTOGRAPH.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return encoded(kind, save_all=True, append_images=[mirror])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF", "MPO"])
def test_the_first_frame_or_page_is_read(kind):
    found = np.asarray(decode(frames(kind), "a").convert("RGB"), dtype=float)
    first = np.asarray(PHOTOGRAPH, dtype=float)
    assert abs(found - first).mean() < 0.5 * abs(found - first[:, ::-1]).mean()


def test_four_inks_are_read_the_right_way_round():
    found = decode(encoded("JPEG", PHOTOGRAPH.convert("CMYK"), quality=95), "a").convert("RGB")
    assert abs(np.asarray(found, dtype=float) - np.asarray(PHOTOGRAPH)).mean() < 3


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_known_by_its_content(tmp_path, kind):
    path = tmp_path / "without suffix"
    path.write_bytes(encoded(kind))
    assert is_picture(path)
    path.write_bytes(b"no picture" * 20)
    assert not is_picture(path)


def test_heic_is_read_where_pillow_heif_is_installed_and_refused_for_what_it_is_elsewhere():
    heic = b"\0\0\0\x18ftypheic" + bytes(40)
    wanted = "is damaged" if reads_heif() else "is HEIC.*or pip install pillow-heif"
    with pytest.raises(InputError, match=wanted):
        decode(heic, "photo.jpg")


def test_a_heic_photograph_is_decoded_by_pillow_heif():
    if not reads_heif():
        pytest.skip("pillow-heif is not installed: pip install pillow-heif")
    assert decode(encoded("HEIF"), "a.heic").size == PHOTOGRAPH.size


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
        (encoded("TIFF", PHOTOGRAPH.convert("LAB")), "mode LAB"),
        (encoded("JPEG2000"), "is JPEG 2000, no image of a known format"),
        (b"<!DOCTYPE html><title>404</title>", "is a web page.*fetch the picture again"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "is a film.*single frames"),
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
