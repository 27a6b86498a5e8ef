"""Metrics at the frozen threshold.

ISO/IEC 30107-3 calls the positive class attacks and the other one bona fide presentations.
"""

import numpy as np

from edgekit.metrics.cases import Cases, Floats
from edgekit.metrics.resamples import Resamples, ratio


def accuracy(drawn: Resamples) -> Floats:
    """Share of right decisions."""
    hits, alarms = drawn.called
    return ratio(hits + (drawn.others - alarms), drawn.positives + drawn.others)


def balanced_accuracy(drawn: Resamples) -> Floats:
    """Mean over both classes of the share of right decisions."""
    return np.asarray(1.0 - hter(drawn))


def hter(drawn: Resamples) -> Floats:
    """Half total error rate: mean of false positive and false negative rate."""
    return np.asarray(0.5 * (bpcer(drawn) + _missed(drawn)))


def bpcer(drawn: Resamples) -> Floats:
    """Share of the bona fide that are called attacks."""
    return ratio(drawn.called[1], drawn.others)


def apcer(drawn: Resamples) -> Floats:
    """Share of the attacks missed, of the kind that fares worst."""
    parts = drawn.cases.misses
    if parts.keys.max(initial=0) < 2:
        return _missed(drawn)  # one kind
    weights = np.take(drawn.upper, parts.order, axis=1).astype(np.float64)
    sums = np.zeros((len(weights), 2 * int(parts.keys.max() // 2 + 1)))
    sums[:, parts.keys] = np.add.reduceat(weights, parts.starts, axis=1)
    # A kind that was not drawn says nothing.
    return np.asarray(np.fmax.reduce(ratio(sums[:, 1::2], sums[:, ::2] + sums[:, 1::2]), axis=1))


def one_image(cases: Cases) -> float:
    """Return by how much one image changes a share of all."""
    return 1.0 / len(cases.scores)


def one_attack(cases: Cases) -> float:
    """Return by how much one image changes a share of one kind of attack, on average."""
    return len(np.unique(cases.kinds[cases.upper])) / max(1, len(cases.upper))


def one_bona_fide(cases: Cases) -> float:
    """Return by how much one image changes a share of those that are no attack."""
    return 1.0 / max(1, len(cases.lower))


def one_positive(cases: Cases) -> float:
    """Return by how much one image changes a share of the positives, whatever their kind."""
    return 1.0 / max(1, len(cases.upper))


def one_of_class(cases: Cases) -> float:
    """Return by how much one image changes the mean of two classes' shares at most."""
    return 0.5 * max(one_positive(cases), one_bona_fide(cases))


def one_of_kind(cases: Cases) -> float:
    """Return by how much one image changes the mean of APCER and BPCER at most."""
    return 0.5 * max(one_attack(cases), one_bona_fide(cases))


def one_of_f1(cases: Cases) -> float:
    """Return by how much one image changes F1, on average over both classes."""
    return 1.0 / (sum(cases.called) + max(1, len(cases.upper)))


def acer(drawn: Resamples) -> Floats:
    """Mean of APCER and BPCER."""
    return np.asarray(0.5 * (apcer(drawn) + bpcer(drawn)))


def f1(drawn: Resamples) -> Floats:
    """Harmonic mean of precision and recall; 0 where nothing is called positive."""
    hits, alarms = drawn.called
    return ratio(2 * hits, hits + alarms + drawn.positives)


def _missed(drawn: Resamples) -> Floats:
    return ratio(drawn.positives - drawn.called[0], drawn.positives)
