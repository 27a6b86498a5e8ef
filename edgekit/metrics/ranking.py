"""Metrics that need no threshold: how well the scores order the images."""

import math
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from edgekit.metrics.cases import Floats
from edgekit.metrics.resamples import Counts, Resamples, ratio

FPR = 0.01


def auc(drawn: Resamples) -> Floats:
    """Area under the ROC curve; a tie between the classes counts one half.

    Fawcett 2006, "An introduction to ROC analysis"; Hanley & McNeil 1982 for its reading as a
    probability of the right order.
    """
    cases = drawn.cases
    losses = _dot(drawn.weights, drawn.alarms_level)
    if cases.tied:
        above = np.take(drawn.alarms, cases.above, axis=1)
        losses = 0.5 * (losses + _dot(drawn.weights, above))
    pairs = drawn.positives.astype(np.float64) * drawn.others
    return np.asarray(1.0 - ratio(losses, pairs))


def average_precision(drawn: Resamples) -> Floats:
    """Precision at each positive's score, averaged over the positives; no interpolation.

    Equals the sum over thresholds of precision times the step in recall.
    """
    cases = drawn.cases
    hits = drawn.hits[:, 1:] if cases.distinct else np.take(drawn.hits, cases.peers, axis=1)
    # Where nothing was drawn so far, a positive's own count is 0: any precision will do.
    called = np.maximum(hits + drawn.alarms_level, 1).astype(np.float64)
    precision = np.divide(hits.astype(np.float64), called, out=called)
    return ratio(_dot(drawn.weights, precision), drawn.positives)


def tpr_at_fpr(drawn: Resamples) -> Floats:
    """Share of the positives at or above the lowest threshold that at most 1% of others reach."""

    def rate(curve: _Curve) -> float:
        beyond = curve.first(lambda step: curve.fpr(step) > FPR)
        return curve.tpr(beyond - 1)

    return _of_curves(drawn, rate)


def eer(drawn: Resamples) -> Floats:
    """Equal error rate: where false positives and false negatives are as frequent.

    Between two thresholds the curve is taken as a straight line. Above one half the scores point
    the wrong way.
    """

    def rate(curve: _Curve) -> float:
        after = curve.first(lambda step: curve.gap(step) <= 0)
        before = after - 1
        part = curve.gap(before) / (curve.gap(before) - curve.gap(after))
        return curve.fpr(before) + part * (curve.fpr(after) - curve.fpr(before))

    return _of_curves(drawn, rate)


class _Curve:
    """The ROC curve of one resample, step by step: no threshold at step 0, then downward."""

    def __init__(self, drawn: Resamples, row: int) -> None:
        self._upper, self._lower = drawn.cases.steps
        self._hits, self._alarms = drawn.hits[row], drawn.alarms[row]
        self._positives, self._others = int(self._hits[-1]), int(self._alarms[-1])

    @property
    def whole(self) -> bool:
        """Whether both classes have an image."""
        return min(self._positives, self._others) > 0

    def tpr(self, step: int) -> float:
        return int(self._hits[self._upper[step]]) / self._positives

    def fpr(self, step: int) -> float:
        return int(self._alarms[self._lower[step]]) / self._others

    def gap(self, step: int) -> float:
        """Misses minus false alarms, which falls from 1 to -1."""
        return 1.0 - self.tpr(step) - self.fpr(step)

    def first(self, holds: Callable[[int], bool]) -> int:
        """Return the first step behind 0 from which a condition holds; the last one if none."""
        return 1 + bisect_left(range(1, len(self._upper) - 1), True, key=holds)


def _of_curves(drawn: Resamples, rate: Callable[[_Curve], float]) -> Floats:
    curves = (_Curve(drawn, row) for row in range(len(drawn.counts)))
    return np.array([rate(curve) if curve.whole else math.nan for curve in curves])


def _dot(weights: Floats, values: Counts | Floats) -> Floats:
    """Inner product of each pair of rows, without the product array."""
    return np.asarray(np.einsum("rn,rn->r", weights, values.astype(np.float64, copy=False)))
