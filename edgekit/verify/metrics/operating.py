"""Metrics at the frozen threshold.

ISO/IEC 30107-3 calls the positive class attacks and the other one bona fide presentations.
"""

import numpy as np

from edgekit.verify.metrics.cases import Cases, Flags, Floats, Weights, by_rows, ratio, share


def accuracy(cases: Cases, weights: Weights) -> Floats:
    """Share of right decisions."""
    right = cases.called == cases.positives
    return share(right, np.ones_like(right), weights)


def balanced_accuracy(cases: Cases, weights: Weights) -> Floats:
    """Mean over both classes of the share of right decisions."""
    return np.asarray(1.0 - hter(cases, weights))


def hter(cases: Cases, weights: Weights) -> Floats:
    """Half total error rate: mean of false positive and false negative rate."""
    return np.asarray(0.5 * (bpcer(cases, weights) + _missed(cases, cases.positives, weights)))


def bpcer(cases: Cases, weights: Weights) -> Floats:
    """Share of the bona fide that are called attacks."""
    return share(cases.called & ~cases.positives, ~cases.positives, weights)


def apcer(cases: Cases, weights: Weights) -> Floats:
    """Share of the attacks missed, of the kind that fares worst."""
    kinds = np.unique(cases.kinds[cases.positives])
    missed = [_missed(cases, cases.positives & (cases.kinds == kind), weights) for kind in kinds]
    return np.asarray(np.fmax.reduce(missed))  # a kind that was not drawn says nothing


def acer(cases: Cases, weights: Weights) -> Floats:
    """Mean of APCER and BPCER."""
    return np.asarray(0.5 * (apcer(cases, weights) + bpcer(cases, weights)))


def f1(cases: Cases, weights: Weights) -> Floats:
    """Harmonic mean of precision and recall; 0 where nothing is called positive."""
    hits = (cases.called & cases.positives).astype(np.float64)
    touched = cases.called.astype(np.float64) + cases.positives

    def rows(block: Floats) -> Floats:
        return ratio(2 * np.einsum("rn,n->r", block, hits), np.einsum("rn,n->r", block, touched))

    return by_rows(rows, weights)


def _missed(cases: Cases, members: Flags, weights: Weights) -> Floats:
    return share(members & ~cases.called, members, weights)
