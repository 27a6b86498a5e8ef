"""Square crops of a photograph, at varied scales."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 128
_LEAST_DETAIL = 3.0  # mean difference of neighbouring pixels, of 255
_TRIES = 12

Pixels = NDArray[np.uint8]


def cut(image: Pixels, count: int, rng: np.random.Generator) -> Pixels:
    """Cut `count` crops that are not nearly constant.

    Nothing could tell a flat real patch from a flat decoded one, so such a crop is drawn again.

    Args:
        image: uint8, [height, width, 3], each side at least 128.
        count: how many crops.
        rng: decides positions and scales.

    Returns:
        uint8, [count, 128, 128, 3].
    """
    crops = [_detailed(image, rng) for _ in range(count)]
    return np.stack(crops) if crops else np.empty((0, SIDE, SIDE, 3), np.uint8)


def _detailed(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Take the first crop with enough in it; after many tries the one with the most."""
    tries = list[Pixels]()
    for crop in islice(_draw(image, rng), _TRIES):
        if _detail(crop) >= _LEAST_DETAIL:
            return crop
        tries.append(crop)
    return max(tries, key=_detail)


def _detail(crop: Pixels) -> float:
    """Mean absolute difference of pixels that are neighbours."""
    values = crop.astype(np.int16)
    return float(np.mean([np.abs(np.diff(values, axis=axis)).mean() for axis in (0, 1)]))


def _draw(image: Pixels, rng: np.random.Generator) -> Iterator[Pixels]:
    """Draw windows and scale them down to 128 pixels, as photographs in use are.

    A window's side lies between 128 pixels and three quarters of the photograph's shorter one.
    """
    height, width = image.shape[:2]
    widest = max(SIDE, 3 * min(height, width) // 4)
    picture = Image.fromarray(image)
    while True:
        side = int(rng.integers(SIDE, widest + 1))
        left, top = int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1))
        box = (left, top, left + side, top + side)
        yield np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box))
