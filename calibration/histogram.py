"""A histogram of fixed size that does not care in which order it sees its values.

2,048 bins span [-2**k, 2**k). When a value does not fit, k grows and neighbouring bins merge in
pairs. Scaling by a power of two is exact in floating point, and so is merging, so the result
depends on the set of values alone: any order of images, and any split among workers, gives the
same counts.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BINS = 2048
_HALF = BINS // 2
_SMALLEST = -64


@dataclass
class Histogram:
    """Counts, extremes and exponent of one tensor's values.

    Attributes:
        exponent: k; bins are 2**(k - 10) wide.
        counts: int64 [2048].
        low: smallest value seen; +inf before the first.
        high: largest value seen; -inf before the first.
        bad: how many values were NaN or infinite.
    """

    exponent: int = _SMALLEST
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    low: float = math.inf
    high: float = -math.inf
    bad: int = 0

    def add(self, tensor: NDArray[np.float32]) -> None:
        """Count an array's values; not one of them may be left out."""
        values = tensor.reshape(-1)
        low, high = float(values.min()), float(values.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            finite = values[np.isfinite(values)]
            self.bad += values.size - finite.size
            if not finite.size:
                return
            values, low, high = finite, float(finite.min()), float(finite.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        self._grow(_exponent(max(abs(low), abs(high))))
        self.counts += np.bincount(self._bins(values), minlength=BINS)

    def merge(self, other: "Histogram") -> None:
        """Add what another worker counted."""
        self._grow(other.exponent)
        other = Histogram(other.exponent, other.counts.copy(), other.low, other.high, other.bad)
        other._grow(self.exponent)
        self.counts += other.counts
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.bad += other.bad

    def edges(self) -> NDArray[np.float64]:
        """Return the 2,049 bin edges."""
        return np.asarray(np.arange(-_HALF, _HALF + 1) * 2.0 ** (self.exponent - 10))

    def _bins(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the bin of each value."""
        # Scaling down can lose the smallest float32 values, and with them their sign.
        exact = np.float32 if self.exponent <= 10 else np.float64
        scaled = values * exact(2.0 ** (10 - self.exponent))
        return (np.floor(scaled, out=scaled) + exact(_HALF)).astype(np.int64)

    def _grow(self, exponent: int) -> None:
        for _ in range(min(exponent - self.exponent, 12)):
            pairs = self.counts.reshape(-1, 2).sum(axis=1)
            self.counts = np.zeros(BINS, dtype=np.int64)
            self.counts[_HALF // 2 : _HALF // 2 + _HALF] = pairs
        self.exponent = max(self.exponent, exponent)


def _exponent(largest: float) -> int:
    """Return the least k with largest < 2**k, so that both ends fall into a bin."""
    return max(_SMALLEST, math.frexp(largest)[1]) if largest else _SMALLEST
