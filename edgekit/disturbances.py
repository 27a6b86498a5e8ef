"""What happens to pictures between a camera and a detector, done the same way to both models.

Compression and blur, as in Wang et al. 2020 ("CNN-generated images are surprisingly easy to spot...
for now"), and noise, change of size, rotation, mirror image and low light. A disturbance works on
the decoded picture, before preprocessing, and depends on nothing but the picture: noise is drawn
from a seed that the pixels give. A new one is a function here and its lines in DISTURBANCES.
"""

import io
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageFilter

from edgekit.errors import InputError

Disturbance = Callable[[Image.Image], Image.Image]


def compressed(image: Image.Image, quality: int) -> Image.Image:
    """Write and read a JPEG: Pillow's encoder, chroma at half the resolution (4:2:0)."""
    file = io.BytesIO()
    image.save(file, format="JPEG", quality=quality, subsampling="4:2:0")
    return Image.open(file, formats=("JPEG",)).convert("RGB")


def blurred(image: Image.Image, sigma: float) -> Image.Image:
    """Blur by a Gaussian; sigma in pixels of the picture (Pillow: three box filters)."""
    return image.filter(ImageFilter.GaussianBlur(sigma))


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    """Add Gaussian noise to every channel; sigma in steps of 0..255."""
    pixels = np.asarray(image, dtype=np.float64)
    random = np.random.default_rng(zlib.crc32(image.tobytes()))
    return _image(pixels + random.normal(0.0, sigma, pixels.shape))


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Change the size, bicubic with antialiasing; preprocessing brings it back to the model's."""
    width, height = (max(1, round(edge * factor)) for edge in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def rotated(image: Image.Image, degrees: float) -> Image.Image:
    """Rotate counter-clockwise about the centre, bilinear; corners that nothing fills are black."""
    return image.rotate(degrees, Image.Resampling.BILINEAR)


def mirrored(image: Image.Image) -> Image.Image:
    """Swap left and right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def dark(image: Image.Image, light: float) -> Image.Image:
    """Take away light: linear intensity times `light`, with the shot noise that so little has.

    sRGB's curve is taken as a power of 2.2; full scale is 1,000 electrons, a small sensor's pixel.
    """
    linear = (np.asarray(image, dtype=np.float64) / 255) ** 2.2 * light
    random = np.random.default_rng(zlib.crc32(image.tobytes()))
    seen = random.poisson(1000 * linear) / 1000
    return _image(255 * seen ** (1 / 2.2))


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8), "RGB")


DISTURBANCES: dict[str, Disturbance] = {
    **{f"jpeg {step}": partial(compressed, quality=step) for step in (100, 90, 70, 50, 30)},
    **{f"blur {sigma:g}": partial(blurred, sigma=sigma) for sigma in (1.0, 2.0, 3.0)},
    **{f"noise {sigma:g}": partial(noisy, sigma=sigma) for sigma in (5.0, 15.0)},
    **{f"size {factor:g}": partial(scaled, factor=factor) for factor in (0.5, 2.0)},
    **{f"rotation {degrees:+g}": partial(rotated, degrees=degrees) for degrees in (-45.0, 45.0)},
    "mirror": mirrored,
    **{f"light {light:g}": partial(dark, light=light) for light in (0.25, 0.1)},
}


def disturbance_named(name: str) -> Disturbance:
    """Return a disturbance of RGB pictures.

    Raises:
        InputError: when there is none of that name, listing those there are.
    """
    if name not in DISTURBANCES:
        raise InputError(f"unknown disturbance {name!r}", f"Use one of {', '.join(DISTURBANCES)}")
    return DISTURBANCES[name]
