"""Whether scores mean what they say."""

import numpy as np

from edgekit.verify.metrics.cases import Cases, Floats, Weights, by_rows, ratio

BINS = 15


def ece(cases: Cases, weights: Weights) -> Floats:
    """Expected calibration error of the positive class's probability, 15 bins of equal width.

    Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning".
    """
    bins = np.minimum((cases.scores * BINS).astype(np.intp), BINS - 1)
    order = np.argsort(bins, kind="stable")
    starts = np.flatnonzero(np.diff(bins[order], prepend=-1))
    gap = (cases.scores - cases.positives)[order]

    def rows(block: Floats) -> Floats:
        weight = np.take(block, order, axis=1)
        off = np.abs(np.add.reduceat(weight * gap, starts, axis=1)).sum(axis=1)
        return ratio(off, weight.sum(axis=1))

    return by_rows(rows, weights)
