"""Count values into the bins of many histograms at once."""

import numpy as np
import torch
from numpy.typing import NDArray

from edgekit.calibration.histogram import BINS, HALF, scales_exactly


class Bins:
    """Counts flat arrays of values; every histogram has its stretch of fixed length in them.

    Attributes:
        rows: how many histograms there are.
    """

    def __init__(self, lengths: list[int]) -> None:
        self.rows = len(lengths)
        self._lengths = torch.tensor(lengths, dtype=torch.int64)
        self._bases = (torch.arange(self.rows) * BINS + HALF).repeat_interleave(self._lengths)
        self._ones = torch.ones_like(self._bases)
        self._places = torch.empty_like(self._bases)
        self._exponents: NDArray[np.int64] | None = None
        self._factors = torch.empty(0)

    def count(
        self, values: torch.Tensor, exponents: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> None:
        """Add to counts.

        Args:
            values: float32, as long as all stretches together.
            exponents: int64 [rows]; the values fit.
            counts: int64 [rows, 2048], changed in place.
        """
        if self._exponents is None or (self._exponents != exponents).any():
            self._exponents, self._factors = exponents.copy(), self._factors_of(exponents)
        scaled = (values * self._factors).floor_()
        torch.add(self._bases, self._places.copy_(scaled), out=self._places)
        torch.from_numpy(counts).view(-1).scatter_add_(0, self._places, self._ones)

    def _factors_of(self, exponents: NDArray[np.int64]) -> torch.Tensor:
        """Return what each value is multiplied by, so that bins are 1 wide."""
        factors = torch.from_numpy(np.ldexp(1.0, 10 - exponents)).repeat_interleave(self._lengths)
        exact = all(scales_exactly(int(exponent)) for exponent in exponents)
        return factors.float() if exact else factors
