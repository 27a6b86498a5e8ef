"""From a decoded image to a model input: turn upright, flatten, resize, crop, scale, normalize.

Pillow resizes; the arithmetic is float32 NumPy. No step depends on torch, so the same code serves
calibration, verification and golden vectors.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from edgekit.errors import InputError
from edgekit.images import MAX_PIXELS
from edgekit.signature import Preprocessing

# From a picture and a width and height to the picture in that size.
Resize = Callable[[Image.Image, tuple[int, int]], Image.Image]
_KERNELS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def preprocess(
    image: Image.Image,
    rule: Preprocessing,
    where: str | Path = "the image",
    resize: Resize | None = None,
) -> NDArray[np.float32]:
    """Apply `rule` to a decoded image.

    Args:
        image: any size and mode.
        rule: the input's preprocessing.
        where: the file's name, for messages.
        resize: resamples to a width and height in place of the rule's kernel, to try what another
            library does.

    Returns:
        float32 [1, channels, height, width].

    Raises:
        InputError: when the image is so thin that resizing its shortest edge would make it huge.
    """
    image = shown(image, rule)
    if rule.resize == "shortest":
        _refuse_thin(image, rule, where)
    sized = _resized(image, rule, resize or _pillow(rule))
    pixels = np.asarray(_fit(sized, rule), dtype=np.float32)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if rule.colour == "BGR":
        pixels = pixels[:, :, ::-1]
    mean, std = (np.asarray(figure, dtype=np.float32) for figure in (rule.mean, rule.std))
    values = (pixels * np.float32(rule.scale) - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def shown(image: Image.Image, rule: Preprocessing) -> Image.Image:
    """Return the picture as `rule` has it shown: turned upright, flattened, in RGB or grey.

    What is shown once stays as it is when it is shown again.

    Args:
        image: any size and mode.
        rule: the input's preprocessing, of which `orientation`, `alpha` and `colour` count.

    Returns:
        a picture of mode RGB, or L where `colour` is `L`.
    """
    if rule.orientation == "exif":
        image = _upright(image)
    if rule.alpha != "drop" and is_transparent(image):
        image = _over(image, rule.alpha)
    return image.convert("L" if rule.colour == "L" else "RGB")


def is_transparent(image: Image.Image) -> bool:
    """Say whether a decoded image has a pixel that is not wholly opaque."""
    if not (image.has_transparency_data or image.mode in ("La", "RGBa")):
        return False
    return bool(_rgba(image).getchannel("A").getextrema() != (255, 255))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF is the file's own: where it is damaged, it turns nothing
        return image


def _over(image: Image.Image, background: str) -> Image.Image:
    whole = _rgba(image)
    return Image.alpha_composite(Image.new("RGBA", whole.size, background), whole)


def _rgba(image: Image.Image) -> Image.Image:
    """Take the alpha out of a palette or from behind premultiplied colours too."""
    straight = {"La": "LA", "RGBa": "RGBA"}.get(image.mode, image.mode)
    return image.convert(straight).convert("RGBA")


def _refuse_thin(image: Image.Image, rule: Preprocessing, where: str | Path) -> None:
    width, height = _shortest(image, rule.resize_to or min(rule.size))
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{where} is too thin: {image.width} x {image.height} pixels would be resized to "
            f"{width} x {height}",
            "Crop it or remove it",
        )


def _pillow(rule: Preprocessing) -> Resize:
    return lambda image, size: image.resize(size, _KERNELS[rule.kernel])


def _resized(image: Image.Image, rule: Preprocessing, resize: Resize) -> Image.Image:
    height, width = rule.size
    if rule.resize == "none":
        return image
    if rule.resize == "squash":
        target = (width, height)
    elif rule.resize == "shortest":
        target = _shortest(image, rule.resize_to or min(rule.size))
    else:
        target = _scaled(image, min(width / image.width, height / image.height))
    return image if target == image.size else resize(image, target)


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
