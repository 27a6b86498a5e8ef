"""Metrics that need no threshold: how well the scores order the images."""

from collections.abc import Callable

import numpy as np

from edgekit.verify.metrics.cases import (
    Cases,
    Flags,
    Floats,
    Indices,
    Weights,
    by_rows,
    ratio,
)
from edgekit.verify.metrics.order import dot, preceding, ranked, tally

FPR = 0.01
# From one step per row to the rate there.
Rate = Callable[[Indices], Floats]


def auc(cases: Cases, weights: Weights) -> Floats:
    """Area under the ROC curve; a tie between the classes counts one half.

    Fawcett 2006, "An introduction to ROC analysis"; Hanley & McNeil 1982 for its reading as a
    probability of the right order.
    """
    scores = cases.scores
    upper, lower = ranked(scores, cases.positives), ranked(scores, ~cases.positives)
    above = preceding(scores, lower, scores[upper], ties=False)
    level = preceding(scores, lower, scores[upper], ties=True)
    tied = not np.array_equal(above, level)

    def rows(block: Floats) -> Floats:
        weight, before = np.take(block, upper, axis=1), tally(block, lower)
        losses = dot(weight, np.take(before, above, axis=1))
        if tied:
            losses = 0.5 * (losses + dot(weight, np.take(before, level, axis=1)))
        return 1.0 - ratio(losses, weight.sum(axis=1) * before[:, -1])

    return by_rows(rows, weights)


def average_precision(cases: Cases, weights: Weights) -> Floats:
    """Precision at each positive's score, averaged over the positives; no interpolation.

    Equals the sum over thresholds of precision times the step in recall.
    """
    scores = cases.scores
    upper, lower = ranked(scores, cases.positives), ranked(scores, ~cases.positives)
    right = preceding(scores, upper, scores[upper], ties=True)
    wrong = preceding(scores, lower, scores[upper], ties=True)

    def rows(block: Floats) -> Floats:
        weight, before = np.take(block, upper, axis=1), tally(block, upper)
        hits = np.take(before, right, axis=1)
        called = np.take(tally(block, lower), wrong, axis=1)
        called += hits
        precision = np.divide(hits, called, out=hits, where=called > 0)
        return ratio(dot(weight, precision), before[:, -1])

    return by_rows(rows, weights)


def tpr_at_fpr(cases: Cases, weights: Weights) -> Floats:
    """Share of the positives at or above the lowest threshold that at most 1% of others reach."""
    steps = _Steps(cases)

    def rows(block: Floats) -> Floats:
        fpr, tpr = steps.rates(block)
        beyond = _first(len(block), steps.last, lambda step: fpr(step) > FPR)
        return np.asarray(tpr(beyond - 1) + 0.0 * fpr(beyond))  # NaN where either class is missing

    return by_rows(rows, weights)


def eer(cases: Cases, weights: Weights) -> Floats:
    """Equal error rate: where false positives and false negatives are as frequent.

    Between two thresholds the curve is taken as a straight line. Above one half the scores point
    the wrong way.
    """
    steps = _Steps(cases)

    def rows(block: Floats) -> Floats:
        fpr, tpr = steps.rates(block)

        def gap(step: Indices) -> Floats:
            return np.asarray(1.0 - tpr(step) - fpr(step))  # falls from 1 to -1

        after = _first(len(block), steps.last, lambda step: gap(step) <= 0)
        before = after - 1
        part = ratio(gap(before), gap(before) - gap(after))
        return np.asarray(fpr(before) + part * (fpr(after) - fpr(before)))

    return by_rows(rows, weights)


class _Steps:
    """The thresholds of a ROC curve: none at step 0, then every score, downward."""

    def __init__(self, cases: Cases) -> None:
        marks = np.unique(cases.scores)[::-1]
        self.last = len(marks)
        self._orders = [ranked(cases.scores, of) for of in (~cases.positives, cases.positives)]
        self._reached = [
            np.concatenate([[0], preceding(cases.scores, order, marks, ties=True)])
            for order in self._orders
        ]

    def rates(self, block: Floats) -> tuple[Rate, Rate]:
        """Return false and true positive rate as functions of one step per row, [R]."""
        negatives, positives = (
            _rate(block, order, reached)
            for order, reached in zip(self._orders, self._reached, strict=True)
        )
        return negatives, positives


def _rate(block: Floats, order: Indices, reached: Indices) -> Rate:
    before, rows = tally(block, order), np.arange(len(block))
    return lambda step: ratio(before[rows, reached[step]], before[:, -1])


def _first(rows: int, last: int, holds: Callable[[Indices], Flags]) -> Indices:
    """Return each row's first step, 1..last, from which a condition holds; `last` if none."""
    low, high = np.ones(rows, dtype=np.intp), np.full(rows, last, dtype=np.intp)
    while (low < high).any():
        middle = (low + high) // 2
        yes = holds(middle)
        low, high = np.where(yes, low, np.minimum(middle + 1, high)), np.where(yes, middle, high)
    return low
