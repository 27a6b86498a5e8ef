"""What metrics measure: scores against labels, for many resamples at once.

Every metric has the same shape, so that a bootstrap resample is a row of weights (how often each
image was drawn) and costs no copy of the scores:

    (cases of N images, weights [R, N]) -> float64 [R]

One row of ones gives the plain figure. A row that leaves a class without weight gives NaN where
the metric needs that class. Ties are exact: equal scores stand or fall together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Weights = NDArray[np.number[Any]]

_BLOCK = 1 << 16  # elements of a block of weights: half a megabyte as float64


@dataclass(frozen=True)
class Cases:
    """One model's scores on N images, and what is true of them.

    Attributes:
        scores: float64 [N].
        positives: bool [N].
        threshold: an image is called positive when its score is at or above it.
        kinds: number of each image's slice, intp [N]: the kind of attack among the positives.
    """

    scores: Floats
    positives: Flags
    threshold: float
    kinds: Indices

    @property
    def called(self) -> Flags:
        """Which images are called positive."""
        return np.asarray(self.scores >= self.threshold)

    def at(self, chosen: Indices | Flags) -> "Cases":
        """Return some of the images, or all in another order."""
        scores, positives, kinds = self.scores[chosen], self.positives[chosen], self.kinds[chosen]
        return Cases(scores, positives, self.threshold, kinds)


def cases(
    scores: Floats, positives: Flags, threshold: float, kinds: Indices | None = None
) -> Cases:
    """Bring together what metrics measure; all images are of one kind unless said otherwise."""
    one = np.zeros(len(scores), dtype=np.intp)
    return Cases(scores, positives, threshold, one if kinds is None else kinds)


def by_rows(measure: Callable[[Floats], Floats], weights: Weights) -> Floats:
    """Measure a few resamples at a time, so that their float copies fit the processor's cache.

    Args:
        measure: from float64 [R, N] to [R].
        weights: [R, N].
    """
    rows = max(1, _BLOCK // weights.shape[1])
    starts = range(0, len(weights), rows)
    return np.concatenate(
        [measure(weights[start : start + rows].astype(np.float64)) for start in starts]
    )


def share(part: Flags, whole: Flags, weights: Weights) -> Floats:
    """Return the weight of `part` over that of `whole`, which it lies in; NaN without weight."""

    def rows(block: Floats) -> Floats:
        # einsum, not BLAS: its threads cost more than they give on blocks this small.
        above = np.einsum("rn,n->r", block, part.astype(np.float64))
        return ratio(above, np.einsum("rn,n->r", block, whole.astype(np.float64)))

    return by_rows(rows, weights)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
