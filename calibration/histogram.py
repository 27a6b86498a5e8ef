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
HALF = BINS // 2
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
        self._grow(int(exponents_of(np.array([max(abs(low), abs(high))]))[0]))
        self.counts += np.bincount(self._bins(values), minlength=BINS)

    def merge(self, other: "Histogram") -> None:
        """Add what another worker counted."""
        self._grow(other.exponent)
        self.counts += merged_bins(other.counts, self.exponent - other.exponent)
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.bad += other.bad

    def clamped(self, low: float, high: float) -> "Histogram":
        """Return the histogram of the same values clamped to [low, high], as ReLU does.

        Bins stay as wide as they are, also where the clamped values alone would allow finer ones.
        """
        bounds = (
            math.floor(math.ldexp(end, 10 - self.exponent)) if math.isfinite(end) else end
            for end in (low, high)
        )
        first, last = (int(min(max(bound, -HALF), HALF - 1)) + HALF for bound in bounds)
        counts = np.zeros(BINS, dtype=np.int64)
        np.add.at(counts, np.clip(np.arange(BINS), first, last), self.counts)
        smallest, largest = (min(max(end, low), high) for end in (self.low, self.high))
        return Histogram(self.exponent, counts, smallest, largest, self.bad)

    def edges(self) -> NDArray[np.float64]:
        """Return the 2,049 bin edges."""
        return np.asarray(np.arange(-HALF, HALF + 1) * 2.0 ** (self.exponent - 10))

    def _bins(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the bin of each value."""
        exact = np.float32 if scales_exactly(self.exponent) else np.float64
        scaled = values * exact(2.0 ** (10 - self.exponent))
        return (np.floor(scaled, out=scaled) + exact(HALF)).astype(np.int64)

    def _grow(self, exponent: int) -> None:
        self.counts = merged_bins(self.counts, exponent - self.exponent)
        self.exponent = max(self.exponent, exponent)


def exponents_of(largest: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the least k with largest < 2**k for each, so that both ends fall into a bin."""
    exponents = np.where(largest > 0, np.frexp(largest)[1], _SMALLEST)
    return np.maximum(exponents, _SMALLEST).astype(np.int64)


def scales_exactly(exponent: int) -> bool:
    """Whether float32 can scale every value for this exponent.

    Scaling down can lose the smallest float32 values, and with them their sign.
    """
    return exponent <= 10


def merged_bins(counts: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """Merge neighbouring bins in pairs, int64 [2048], for an exponent that is `times` larger."""
    if times <= 0 or not counts.any():
        return counts
    # After ten times one bin is left on each side of zero, which stays so.
    merged, side = np.zeros(BINS, dtype=np.int64), HALF >> min(times, 10)
    merged[HALF - side : HALF + side] = counts.reshape(2 * side, -1).sum(axis=1)
    return merged
