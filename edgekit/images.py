"""Decode image files, and refuse what would be an attack or a silent loss."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from edgekit.contents import what_is
from edgekit.errors import InputError

# What cameras, phones and the web make; MPO, a JPEG with more pictures behind it, opens as JPEG.
# The others stay closed, because every decoder is an attack surface (Pillow's FITS, PSD and font
# parsers and OpenJPEG among the reported ones, and EPS starts Ghostscript).
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF", "AVIF")
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    *(".png", ".apng", ".webp", ".bmp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".gif", ".avif", ".avifs"),
)
_HEIF = (".heic", ".heif", ".hif")
MAX_PIXELS = 100_000_000
# Everything with 8 bits per channel; converting the rest would clip it silently.
_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")


@cache
def reads_heif() -> bool:
    """Say whether the user has installed pillow-heif, and let Pillow use it."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def suffixes() -> tuple[str, ...]:
    """Return the suffixes that pictures have which can be read here, in lower case."""
    return (*SUFFIXES, *_HEIF) if reads_heif() else SUFFIXES


def formats() -> tuple[str, ...]:
    """Return the formats that can be read here, under Pillow's names."""
    return (*FORMATS, "HEIF") if reads_heif() else FORMATS


def is_picture(path: Path) -> bool:
    """Say by a file's first bytes whether it is of a format that is read; nothing is decoded."""
    try:
        with Image.open(path, formats=formats()):
            return True
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def decode(data: bytes, where: str | Path) -> Image.Image:
    """Decode an image file's bytes: the first frame or page, as it is stored.

    What the content is decides, not the name's suffix. Turning it upright and laying it over a
    background is `preprocess.shown`'s, by the input's Preprocessing.

    Args:
        data: the file's bytes.
        where: the file's name, for messages.

    Raises:
        InputError: when it is empty, damaged, of an unknown format or too large.
    """
    image = open_picture(data, where)
    with refused(data, where):
        image.load()
    return image


def open_picture(data: bytes, where: str | Path) -> Image.Image:
    """Read an image file's head and check size and mode; pixels are decoded when they are used.

    Raises:
        InputError: as `decode` does, where the head shows it.
    """
    if not data:
        raise InputError(f"{where} is empty (0 bytes)", "Remove the file or copy it again")
    with refused(data, where):
        image = Image.open(io.BytesIO(data), formats=formats())
    if image.width * image.height > MAX_PIXELS:
        raise InputError(
            f"{where} is too large: {image.width} x {image.height} pixels, "
            f"at most {MAX_PIXELS:,} are read",
            "Scale it down",
        )
    if image.mode not in _MODES:
        raise InputError(
            f"{where} has pixels of mode {image.mode}, which 8-bit cameras do not make",
            "Convert it to 8 bits per channel",
        )
    return image


@contextmanager
def refused(data: bytes, where: str | Path) -> Iterator[None]:
    """Turn what Pillow raises about a file into one line.

    Raises:
        InputError: saying what the file is, or what is wrong with it.
    """
    try:
        yield
    except UnidentifiedImageError as error:
        raise _unknown(data, where) from error
    except Image.DecompressionBombError as error:
        raise InputError(
            f"{where} is too large: at most {MAX_PIXELS:,} pixels are read", "Scale it down"
        ) from error
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise InputError(f"{where} is damaged: {error}", "Remove or replace the file") from error


def _unknown(data: bytes, where: str | Path) -> InputError:
    found = what_is(data)
    if found is not None and found.name == "HEIC" and reads_heif():
        return InputError(
            f"{where} is damaged: pillow-heif cannot open it", "Remove or replace the file"
        )
    if found is not None:
        return InputError(f"{where} is {found.name}, no image of a known format", found.advice)
    return InputError(
        f"{where} is not an image of a known format ({', '.join(formats())})",
        "Remove or convert the file",
    )
