"""Choose the operating point."""

import numpy as np
from numpy.typing import NDArray


def best_threshold(scores: NDArray[np.float64], positives: NDArray[np.bool_]) -> float:
    """Return the threshold with the best balanced accuracy, midway between two scores.

    Args:
        scores: [N].
        positives: [N], both classes present.

    Returns:
        a threshold in 0..1; of equally good ones the middle of the widest gap, because a small
        shift of scores then flips the fewest decisions.
    """
    values = np.unique(scores)
    edges = np.concatenate([[0.0], values, [1.0]])
    middles = (edges[:-1] + edges[1:]) / 2
    gaps = np.diff(edges)
    hits = 1.0 - _share_below(np.sort(scores[positives]), middles)
    rejections = _share_below(np.sort(scores[~positives]), middles)
    balanced = hits + rejections
    best = np.flatnonzero(balanced >= balanced.max() - 1e-12)
    return float(middles[best[np.argmax(gaps[best])]])


def _share_below(ordered: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.searchsorted(ordered, limits, side="left") / len(ordered))
