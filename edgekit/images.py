"""From an image file to a model input: decode, resize, crop, scale, normalize.

Pillow decodes and resizes; the arithmetic is float32 NumPy. No step depends on torch, so the same
code serves calibration, verification and golden vectors.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from edgekit.errors import InputError
from edgekit.signature import Input, Preprocessing

# Formats that cameras and data sets use; others stay closed, because every decoder is an attack
# surface (Pillow's FITS, PSD and font parsers among the reported ones).
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm")
MAX_PIXELS = 100_000_000
# Everything with 8 bits per channel; converting the rest would clip it silently.
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")

_KERNELS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


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


def preprocess(
    image: Image.Image, rule: Preprocessing, where: str | Path = "the image"
) -> NDArray[np.float32]:
    """Apply `rule` to a decoded image.

    Args:
        image: any size and mode.
        rule: the input's preprocessing.
        where: the file's name, for messages.

    Returns:
        float32 [1, channels, height, width].

    Raises:
        InputError: when the image is so thin that resizing its shortest edge would make it huge.
    """
    if rule.resize == "shortest":
        _refuse_thin(image, rule, where)
    image = image.convert("L" if rule.colour == "L" else "RGB")
    pixels = np.asarray(_fit(_resize(image, rule), rule), dtype=np.float32)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if rule.colour == "BGR":
        pixels = pixels[:, :, ::-1]
    mean, std = (np.asarray(figure, dtype=np.float32) for figure in (rule.mean, rule.std))
    values = (pixels * np.float32(rule.scale) - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _refuse_thin(image: Image.Image, rule: Preprocessing, where: str | Path) -> None:
    width, height = _shortest(image, rule.resize_to or min(rule.size))
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{where} is too thin: {image.width} x {image.height} pixels would be resized to "
            f"{width} x {height}",
            "Crop it or remove it",
        )


def _resize(image: Image.Image, rule: Preprocessing) -> Image.Image:
    height, width = rule.size
    if rule.resize == "none":
        return image
    if rule.resize == "squash":
        target = (width, height)
    elif rule.resize == "shortest":
        target = _shortest(image, rule.resize_to or min(rule.size))
    else:
        target = _scaled(image, min(width / image.width, height / image.height))
    return image if target == image.size else image.resize(target, _KERNELS[rule.kernel])


def _shortest(image: Image.Image, edge: int) -> tuple[int, int]:
    """Truncate the longer edge as torchvision and CLIP's own preprocessing do."""
    width, height = image.size
    if width <= height:
        return edge, int(edge * height / width)
    return int(edge * width / height), edge


def _scaled(image: Image.Image, factor: float) -> tuple[int, int]:
    return max(1, round(image.width * factor)), max(1, round(image.height * factor))


def _fit(image: Image.Image, rule: Preprocessing) -> Image.Image:
    """Crop or pad around the centre; torchvision's rounding, which CLIP's own code uses."""
    height, width = rule.size
    left, top = _offset(image.width, width), _offset(image.height, height)
    if (left, top) == (0, 0) and image.size == (width, height):
        return image
    if image.width >= width and image.height >= height:
        return image.crop((left, top, left + width, top + height))
    canvas = Image.new(image.mode, (width, height), (rule.fill,) * len(image.getbands()))
    canvas.paste(image, (-left, -top))
    return canvas


def _offset(have: int, want: int) -> int:
    """Where the crop starts; negative where padding is needed, which rounds the other way."""
    return round((have - want) / 2) if have >= want else -((want - have) // 2)


def read_input(path: Path, spec: Input) -> NDArray[np.float32]:
    """Read one sample's file for one input.

    Args:
        path: an image file, or a `.npy` array when the input has no preprocessing.
        spec: the input to fill.

    Returns:
        float32 array of `spec.shape`.

    Raises:
        InputError: when the file cannot be read as that input.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "Check the file") from error
    if spec.preprocessing is not None:
        return preprocess(decode(data, path), spec.preprocessing, path)
    return _read_array(data, path, spec)


def _read_array(data: bytes, path: Path, spec: Input) -> NDArray[np.float32]:
    try:
        value = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        if value.dtype.kind not in "biuf":
            raise ValueError(f"its type is {value.dtype}")
    except (ValueError, EOFError, OSError, MemoryError) as error:
        raise InputError(
            f"{path} is not a .npy array of numbers: {error}",
            f"Save input {spec.name!r} with numpy.save",
        ) from error
    if value.shape not in (spec.shape, spec.shape[1:]):
        raise InputError(
            f"{path} has shape {value.shape}, input {spec.name!r} wants {spec.shape}",
            "Correct the array or the signature",
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity
        filled = np.ascontiguousarray(value.reshape(spec.shape), dtype=np.float32)
    if not np.isfinite(filled).all():
        raise InputError(f"{path} holds NaN or infinity", "Remove or replace the file")
    return filled
