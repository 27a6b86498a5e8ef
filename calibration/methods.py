"""From a histogram to the range that int8 will represent.

A new method is one function and one line in METHODS.
"""

from collections.abc import Callable

import numpy as np

from edgekit.calibration.histogram import Histogram

Range = tuple[float, float]


def min_max(histogram: Histogram) -> Range:
    """Represent every value that was seen."""
    return histogram.low, histogram.high


def percentile(histogram: Histogram, share: float = 0.9999) -> Range:
    """Represent the central `share` of the values; the rest is clipped."""
    cumulative = np.cumsum(histogram.counts) / max(1, histogram.counts.sum())
    tail = (1.0 - share) / 2
    edges = histogram.edges()
    low = edges[np.searchsorted(cumulative, tail, side="right")]
    high = edges[np.searchsorted(cumulative, 1.0 - tail, side="left") + 1]
    return max(float(low), histogram.low), min(float(high), histogram.high)


def mse(histogram: Histogram, steps: int = 64) -> Range:
    """Represent the range whose 8-bit rounding and clipping lose the least, squared.

    Both ends shrink together from the full range; Choukroun et al., "Low-bit Quantization of Neural
    Networks for Efficient Inference" (2019), search the same objective.
    """
    edges = histogram.edges()
    centres = (edges[:-1] + edges[1:]) / 2
    shrinks = np.linspace(1.0, 0.3, steps)
    low, high = histogram.low * shrinks, histogram.high * shrinks
    step = np.maximum(np.maximum(high, 0) - np.minimum(low, 0), 1e-30) / 255
    clipped = np.clip(centres[None], np.minimum(low, 0)[:, None], np.maximum(high, 0)[:, None])
    # Rounding inside the range costs step**2 / 12 on average, clipping costs its own square.
    loss = ((clipped - centres) ** 2 @ histogram.counts) / histogram.counts.sum() + step**2 / 12
    best = int(np.argmin(loss))
    return float(low[best]), float(high[best])


METHODS: dict[str, Callable[[Histogram], Range]] = {
    "min_max": min_max,
    "percentile": percentile,
    "mse": mse,
}
