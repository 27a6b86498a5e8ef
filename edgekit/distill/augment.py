"""Turn a batch as a whole, the same way for teacher and student.

Only transformations that leave every pixel's value alone: a generator's traces live in them.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

Turn = Callable[[torch.Tensor], torch.Tensor]


def augment(names: Sequence[str], random: np.random.Generator) -> Turn:
    """Draw one turn.

    Args:
        names: `mirror` (left to right, half of the time), `rotate` (by 0, 90, 180 or 270 degrees).
        random: where chance comes from.

    Returns:
        a function of [N, C, H, W]; tensors of another rank pass unchanged.
    """
    mirrored = "mirror" in names and random.random() < 0.5
    quarters = int(random.integers(4)) if "rotate" in names else 0

    def turn(batch: torch.Tensor) -> torch.Tensor:
        if batch.ndim != 4:
            return batch
        if batch.shape[-1] != batch.shape[-2]:
            return batch.flip(-1) if mirrored else batch
        return torch.rot90(batch.flip(-1) if mirrored else batch, quarters, (2, 3))

    return turn
