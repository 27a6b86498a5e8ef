"""Vary a batch, the same way for teacher and student.

Nothing here filters or resamples: a generator's traces live in how neighbouring pixels differ, and
turning or recolouring an image keeps that.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

Vary = Callable[[torch.Tensor], torch.Tensor]


def augment(names: Sequence[str], random: np.random.Generator) -> Vary:
    """Draw one variation.

    Args:
        names: `mirror` (left to right, half of the time), `rotate` (by 0, 90, 180 or 270 degrees),
            `colour` (channels in another order; contrast and brightness of each image).
        random: where chance comes from.

    Returns:
        a function of normalized images [N, C, H, W]; tensors of another rank pass unchanged.
    """
    steps: list[Vary] = []
    if "mirror" in names and random.random() < 0.5:
        steps.append(lambda batch: batch.flip(-1))
    if "rotate" in names:
        steps.append(_rotation(int(random.integers(4))))
    if "colour" in names:
        steps.append(_recolouring(random))

    def vary(batch: torch.Tensor) -> torch.Tensor:
        for step in steps if batch.ndim == 4 else ():
            batch = step(batch)
        return batch

    return vary


def _rotation(quarters: int) -> Vary:
    def rotate(batch: torch.Tensor) -> torch.Tensor:
        if batch.shape[-1] != batch.shape[-2]:
            return batch
        return torch.rot90(batch, quarters, (2, 3))

    return rotate


def _recolouring(random: np.random.Generator) -> Vary:
    seed = int(random.integers(2**31))

    def recolour(batch: torch.Tensor) -> torch.Tensor:
        drawn = np.random.default_rng(seed)  # anew each time: both models must see the same
        order = drawn.permutation(batch.shape[1])
        gain = torch.from_numpy(drawn.uniform(0.5, 1.3, (len(batch), 1, 1, 1)).astype(np.float32))
        shift = torch.from_numpy(drawn.uniform(-0.6, 0.6, (len(batch), 1, 1, 1)).astype(np.float32))
        return batch[:, torch.from_numpy(order)] * gain + shift

    return recolour
