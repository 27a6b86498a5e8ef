"""Detection metrics of scores against labels, for many resamples at once.

Every metric has the same shape, so that a bootstrap resample is a row of weights (how often each
image was drawn) and costs no copy of the scores:

    (scores float64 [N], positives bool [N], threshold, weights [R, N]) -> float64 [R]

One row of ones gives the plain figure. A row that leaves a class without weight gives NaN where
the metric needs that class. Ties are exact: equal scores stand or fall together.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Weights = NDArray[np.number[Any]]
Metric = Callable[[Floats, Flags, float, Weights], Floats]

_BLOCK = 1 << 16  # elements of a block of weights: half a megabyte as float64


def auc(scores: Floats, positives: Flags, threshold: float, weights: Weights) -> Floats:
    """Area under the ROC curve; a tie between the classes counts one half.

    Fawcett 2006, "An introduction to ROC analysis"; Hanley & McNeil 1982 for its reading as a
    probability of the right order.
    """
    upper, lower = _ranked(scores, positives), _ranked(scores, ~positives)
    above = _preceding(scores, lower, upper, ties=False)
    level = _preceding(scores, lower, upper, ties=True)
    tied = not np.array_equal(above, level)

    def rows(block: Floats) -> Floats:
        weight, tally = np.take(block, upper, axis=1), _tally(block, lower)
        losses = _dot(weight, np.take(tally, above, axis=1))
        if tied:
            losses = 0.5 * (losses + _dot(weight, np.take(tally, level, axis=1)))
        return 1.0 - _ratio(losses, weight.sum(axis=1) * tally[:, -1])

    return _by_rows(rows, weights)


def average_precision(
    scores: Floats, positives: Flags, threshold: float, weights: Weights
) -> Floats:
    """Precision at each positive's score, averaged over the positives; no interpolation.

    Equals the sum over thresholds of precision times the step in recall.
    """
    upper, lower = _ranked(scores, positives), _ranked(scores, ~positives)
    right = _preceding(scores, upper, upper, ties=True)
    wrong = _preceding(scores, lower, upper, ties=True)

    def rows(block: Floats) -> Floats:
        weight, tally = np.take(block, upper, axis=1), _tally(block, upper)
        hits = np.take(tally, right, axis=1)
        called = np.take(_tally(block, lower), wrong, axis=1)
        called += hits
        precision = np.divide(hits, called, out=hits, where=called > 0)
        return _ratio(_dot(weight, precision), tally[:, -1])

    return _by_rows(rows, weights)


def accuracy(scores: Floats, positives: Flags, threshold: float, weights: Weights) -> Floats:
    """Share of right decisions at the frozen threshold."""
    return _share_right(scores, positives, threshold, weights, np.ones(len(scores), np.bool_))


def balanced_accuracy(
    scores: Floats, positives: Flags, threshold: float, weights: Weights
) -> Floats:
    """Mean over both classes of the share of right decisions at the frozen threshold."""
    sensitivity = _share_right(scores, positives, threshold, weights, positives)
    specificity = _share_right(scores, positives, threshold, weights, ~positives)
    return np.asarray(0.5 * (sensitivity + specificity))


METRICS: dict[str, Metric] = {
    "auc": auc,
    "ap": average_precision,
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
}


def plain(name: str, scores: Floats, positives: Flags, threshold: float) -> float:
    """Return one metric of `METRICS` with every image counted once."""
    return float(METRICS[name](scores, positives, threshold, np.ones((1, len(scores))))[0])


def _ranked(scores: Floats, members: Flags) -> Indices:
    """Indices of the members, highest score first."""
    chosen = np.flatnonzero(members)
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")])


def _preceding(scores: Floats, order: Indices, marks: Indices, *, ties: bool) -> Indices:
    """How many of `order` score above (with `ties`: at or above) each of `marks`."""
    side: Literal["left", "right"] = "right" if ties else "left"
    return np.searchsorted(-scores[order], -scores[marks], side=side)


def _tally(block: Floats, order: Indices) -> Floats:
    """Weight of the first 0, 1, ... len(order) images of `order`, [R, len(order) + 1]."""
    tally = np.zeros((len(block), len(order) + 1))
    np.cumsum(np.take(block, order, axis=1), axis=1, out=tally[:, 1:])
    return tally


def _share_right(
    scores: Floats, positives: Flags, threshold: float, weights: Weights, members: Flags
) -> Floats:
    """Weight of the members decided rightly out of the weight of all members, [R]."""
    counted = members.astype(np.float64)
    right = counted * ((scores >= threshold) == positives)

    def rows(block: Floats) -> Floats:
        # einsum, not BLAS: its threads cost more than they give on blocks this small.
        return _ratio(np.einsum("rn,n->r", block, right), np.einsum("rn,n->r", block, counted))

    return _by_rows(rows, weights)


def _by_rows(measure: Callable[[Floats], Floats], weights: Weights) -> Floats:
    """Measure a few resamples at a time, so that their float copies fit the processor's cache."""
    rows = max(1, _BLOCK // weights.shape[1])
    starts = range(0, len(weights), rows)
    return np.concatenate(
        [measure(weights[start : start + rows].astype(np.float64)) for start in starts]
    )


def _dot(left: Floats, right: Floats) -> Floats:
    """Inner product of each pair of rows, without the product array."""
    return np.asarray(np.einsum("rn,rn->r", left, right))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
