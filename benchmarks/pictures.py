"""The pictures of a split in memory, decoded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

_GRID = 8  # pixels; crops begin at its multiples, as the pictures that are scored do


@dataclass(frozen=True)
class Pictures:
    """Pictures and what the decoders made of them, in the same order.

    Attributes:
        real: uint8 [N, 3, side, side].
        fake: uint8 [N, 3, side, side].
    """

    real: Tensor
    fake: Tensor

    def crops(self, side: int, pairs: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Draw the same crops of both: two uint8 [pairs, 3, side, side]."""
        places = (self.real.shape[-1] - side) // _GRID + 1
        chosen = random.integers(len(self.real), size=pairs)
        corners = random.integers(places, size=(pairs, 2)) * _GRID
        return _cut(self.real, chosen, corners, side), _cut(self.fake, chosen, corners, side)


def _cut(
    images: Tensor, chosen: NDArray[np.int64], corners: NDArray[np.int64], side: int
) -> Tensor:
    boxes = zip(chosen, corners, strict=True)
    return torch.stack([images[i, :, y : y + side, x : x + side] for i, (y, x) in boxes])


def read_pictures(folder: Path) -> Pictures:
    """Decode one split of the task.

    Args:
        folder: with `real/<name>.jpg` and `fake/<decoder>/<name>.jpg`.
    """
    fakes = sorted((folder / "fake").rglob("*.jpg"), key=lambda path: path.name)
    return Pictures(_decode([folder / "real" / path.name for path in fakes]), _decode(fakes))


def _decode(paths: Sequence[Path]) -> Tensor:
    pixels = []
    for path in paths:
        with Image.open(path) as image:
            pixels.append(torch.from_numpy(np.array(image.convert("RGB"))))
    return torch.stack(pixels).permute(0, 3, 1, 2).contiguous()
