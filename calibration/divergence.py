"""How far a quantized distribution is from the float one, for many ranges of one histogram.

Migacz, "8-bit Inference with TensorRT" (GTC 2017), slides 32 to 37: what lies beyond a range joins
its outermost bins; the quantized distribution spreads each level's count evenly over those of its
bins that are not empty.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# A bin that only clipped values fill has no quantized counterpart; this share keeps it finite.
_FLOOR = 1e-4
Window = tuple[int, int]


def divergences(
    counts: NDArray[np.int64], windows: Sequence[Window], levels: int, zero: int
) -> NDArray[np.float64]:
    """Return the Kullback-Leibler divergence of each window, in nats.

    Args:
        counts: of a histogram, or of its absolute values.
        windows: first bin and the one after the last, each.
        levels: how many integers the window's values become.
        zero: the bin that 0 lies in. It gets its neighbour's count: 0 is represented exactly, and
            the many zeros after a ReLU would hide all else.
    """
    smooth = counts.astype(np.float64)
    smooth[zero] = smooth[zero + 1]
    if zero:
        smooth[zero - 1] = min(smooth[zero - 1], smooth[zero - 2])
    if not smooth.any():
        return np.zeros(len(windows))
    return np.array([_divergence(smooth, window, levels) for window in windows])


def _divergence(counts: NDArray[np.float64], window: Window, levels: int) -> float:
    first, last = window
    inside = counts[first:last]
    reference = inside.copy()
    reference[0] += counts[:first].sum()
    reference[-1] += counts[last:].sum()
    seen = reference > 0
    p = reference[seen] / reference.sum()
    q = np.maximum(_quantized(inside, levels)[seen], 0)
    q = np.maximum(q / max(q.sum(), 1e-30), _FLOOR / inside.size)
    return float((p * np.log(p / (q / q.sum()))).sum())


def _quantized(counts: NDArray[np.float64], levels: int) -> NDArray[np.float64]:
    """Spread each level's count over its bins that are not empty."""
    level = np.arange(counts.size) * levels // counts.size
    total = np.bincount(level, counts, levels)
    filled = np.bincount(level, counts > 0, levels)
    mean = np.divide(total, filled, out=np.zeros(levels), where=filled > 0)
    return np.where(counts > 0, mean[level], 0.0)
