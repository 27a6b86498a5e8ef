"""Decode image files, and refuse what would be an attack or a silent loss."""

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from edgekit.errors import InputError

# Formats that cameras and data sets use; others stay closed, because every decoder is an attack
# surface (Pillow's FITS, PSD and font parsers among the reported ones).
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm")
MAX_PIXELS = 100_000_000
# Everything with 8 bits per channel; converting the rest would clip it silently.
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


def decode(data: bytes, where: str | Path) -> Image.Image:
    """Decode an image file's bytes; EXIF orientation is left alone, as cameras' own SDKs do.

    Args:
        data: the file's bytes.
        where: the file's name, for messages.

    Raises:
        InputError: when it is empty, damaged, of an unknown format or too large.
    """
    if not data:
        raise InputError(f"{where} is empty (0 bytes)", "Remove the file or copy it again")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        pixels = image.width * image.height
        if pixels > MAX_PIXELS:
            raise InputError(
                f"{where} is too large: {image.width} x {image.height} pixels, "
                f"at most {MAX_PIXELS:,} are read",
                "Scale it down",
            )
        image.load()
    except UnidentifiedImageError as error:
        raise InputError(
            f"{where} is not an image of a known format ({', '.join(FORMATS)})",
            "Remove or convert the file",
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(
            f"{where} is too large: at most {MAX_PIXELS:,} pixels are read", "Scale it down"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{where} is damaged: {error}", "Remove or replace the file") from error
    if image.mode not in _MODES:
        raise InputError(
            f"{where} has pixels of mode {image.mode}, which 8-bit cameras do not make",
            "Convert it to 8 bits per channel",
        )
    return image
