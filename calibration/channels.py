"""Statistics per channel, which corrections need beside a tensor's histogram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Channels:
    """What one tensor's channels held, over all samples and positions.

    A convolution's channels lie along axis 1, a linear operator's along the last one.

    Attributes:
        low: smallest value, float32 [C]; exact.
        high: largest value, float32 [C]; exact.
        mean: float32 [C]. Each sample's sum is rounded to float32; their sum is exact.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mean: NDArray[np.float32]

    @property
    def constant(self) -> NDArray[np.int64]:
        """Indices of the channels that hold one and the same value everywhere."""
        return np.flatnonzero(self.low == self.high)
