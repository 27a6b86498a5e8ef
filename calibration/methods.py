"""From a histogram to the range that int8 will represent.

A method takes a histogram and whether the grid is symmetric about 0 (127 steps to either side, zero
point 0) or affine (255 steps from low to high). It returns low and high within what was seen, or
reaching 0. Of a symmetric grid only the end that lies farther from 0 counts.

A new method is one function and one line in METHODS.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edgekit.calibration.divergence import divergences
from edgekit.calibration.histogram import HALF, Histogram

Range = tuple[float, float]
# Of the values, by entropy.
_MOST_CLIPPED = 0.01


class Method(Protocol):
    """From a histogram to a range."""

    def __call__(self, histogram: Histogram, *, symmetric: bool = False) -> Range:
        """Return low and high."""


def min_max(histogram: Histogram, *, symmetric: bool = False) -> Range:
    """Represent every value that was seen."""
    return histogram.low, histogram.high


def percentile(histogram: Histogram, share: float = 0.9999, *, symmetric: bool = False) -> Range:
    """Represent the central `share` of the values; the rest is clipped.

    On a symmetric grid these are the values nearest to 0, wherever the others lie.
    """
    edges = histogram.edges()
    if symmetric:
        cumulative = _cumulative(_folded(histogram))
        end = edges[HALF + 1 + np.searchsorted(cumulative, share, side="left")]
        return _within(-float(end), float(end), histogram)
    cumulative = _cumulative(histogram.counts)
    tail = (1.0 - share) / 2
    low = edges[np.searchsorted(cumulative, tail, side="right")]
    high = edges[np.searchsorted(cumulative, 1.0 - tail, side="left") + 1]
    return _within(float(low), float(high), histogram)


def mse(histogram: Histogram, steps: int = 64, *, symmetric: bool = False) -> Range:
    """Represent the range whose 8-bit rounding and clipping lose the least, squared.

    Choukroun et al., "Low-bit Quantization of Neural Networks for Efficient Inference" (2019),
    search the same objective. Both ends of an affine grid are searched, each by itself.
    """
    lows, highs = _ends(histogram, np.linspace(1.0, 0.3, steps))
    if symmetric:
        largest = np.maximum(-lows, highs)
        lows, highs = np.maximum(-largest, lows[0]), np.minimum(largest, highs[0])
        below, above = _clipping(histogram, lows, highs)
        best = int(np.argmin(below + above + _rounding(histogram, largest / 127)))
        return float(lows[best]), float(highs[best])
    below, above = _clipping(histogram, lows, highs)
    spans = highs[None, :] - lows[:, None]
    losses = below[:, None] + above[None, :] + _rounding(histogram, spans / 255)
    row, column = np.unravel_index(int(np.argmin(losses)), losses.shape)
    return float(lows[row]), float(highs[column])


def entropy(histogram: Histogram, *, symmetric: bool = False) -> Range:
    """Represent the range whose quantized distribution diverges least from the float one.

    Migacz, "8-bit Inference with TensorRT" (GTC 2017): of all ranges the one with the smallest
    Kullback-Leibler divergence. A symmetric grid sees absolute values in 128 levels; an affine one
    has 256 levels, and both its ends shrink by the same share. No more than a hundredth of the
    values is clipped: where all lie far from 0, clipping them all would diverge least.
    """
    if symmetric:
        counts, zero, levels = _folded(histogram), 0, 128
        last = np.arange(128, HALF + 1, 8)
        first = np.zeros_like(last)
        highs = last * float(histogram.edges()[HALF + 1])
        lows = -highs
    else:
        counts, zero, levels = histogram.counts, HALF, 256
        lows, highs = _ends(histogram, np.linspace(1.0, 0.125, 113))
        first = np.searchsorted(histogram.edges(), lows, side="right") - 1
        last = np.maximum(np.searchsorted(histogram.edges(), highs, side="right"), first + 1)
    kept = _kept(counts, first, last) >= 1 - _MOST_CLIPPED
    windows = list(zip(first[kept].tolist(), last[kept].tolist(), strict=True))
    best = int(np.argmin(divergences(counts, windows, levels, zero)))
    return _within(float(lows[kept][best]), float(highs[kept][best]), histogram)


def _kept(
    counts: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of the counts inside each window."""
    before = np.concatenate([[0], np.cumsum(counts)])
    return np.asarray((before[last] - before[first]) / max(1, before[-1]))


def _cumulative(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.cumsum(counts) / max(1, counts.sum()))


def _folded(histogram: Histogram) -> NDArray[np.int64]:
    """Return the counts of absolute values, int64 [1024]."""
    return histogram.counts[HALF:] + histogram.counts[HALF - 1 :: -1]


def _ends(
    histogram: Histogram, shrinks: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return candidates for low and high; both reach 0, which is always represented."""
    return min(histogram.low, 0.0) * shrinks, max(histogram.high, 0.0) * shrinks


def _within(low: float, high: float, histogram: Histogram) -> Range:
    """Keep a range inside what was seen, except that it may reach 0."""
    first, last = min(histogram.low, 0.0), max(histogram.high, 0.0)
    return min(max(low, first), last), min(max(high, first), last)


def _clipping(
    histogram: Histogram, lows: NDArray[np.float64], highs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is lost below each low and above each high, squared, summed over the counts."""
    edges = histogram.edges()
    centres, counts = (edges[:-1] + edges[1:]) / 2, histogram.counts
    return _beyond(-centres[::-1], counts[::-1], -lows), _beyond(centres, counts, highs)


def _beyond(
    centres: NDArray[np.float64], counts: NDArray[np.int64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum counts * (centres - end)**2 over the centres above each end."""
    moments = np.stack([counts, counts * centres, counts * centres**2])
    above = np.cumsum(moments[:, ::-1], axis=1)[:, ::-1]
    above = np.concatenate([above, np.zeros((3, 1))], axis=1)
    number, total, squares = above[:, np.searchsorted(centres, ends, side="right")]
    return np.asarray(np.maximum(squares - 2 * ends * total + ends**2 * number, 0))


def _rounding(histogram: Histogram, step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what rounding loses, squared: step**2 / 12 a value on average.

    Values in the two bins beside 0 lose no more than themselves: 0 is represented, and after a ReLU
    most values are exactly that.
    """
    near = int(histogram.counts[HALF - 1 : HALF + 1].sum())
    noise = step**2 / 12
    width = float(histogram.edges()[HALF + 1])
    far = int(histogram.counts.sum()) - near
    return np.asarray(far * noise + near * np.minimum(noise, width**2 / 3))


METHODS: dict[str, Method] = {
    "min_max": min_max,
    "percentile": percentile,
    "mse": mse,
    "entropy": entropy,
}
