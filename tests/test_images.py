import io
import struct
import zlib

import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.errors import InputError
from edgekit.images import decode

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))


FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")


def encoded(kind="PNG", image=PHOTOGRAPH, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


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
