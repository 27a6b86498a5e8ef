"""Whether scores mean what they say."""

import numpy as np

from edgekit.metrics.cases import BINS, Excess, Floats
from edgekit.metrics.resamples import Counts, Resamples, ratio


def ece(drawn: Resamples) -> Floats:
    """Expected calibration error of the positive class's probability, 15 bins of equal width.

    Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning".
    """
    upper, lower = drawn.cases.excess
    sums = _by_bin(drawn.weights, upper) + _by_bin(drawn.lower, lower)
    return ratio(np.abs(sums).sum(axis=1), drawn.positives + drawn.others)


def _by_bin(weights: Counts | Floats, excess: Excess) -> Floats:
    """Sum by bin how far the scores of one class are above the truth, [R, 15]."""
    found = np.zeros((len(weights), BINS))
    if len(excess.gaps):
        sums = np.add.reduceat(weights * excess.gaps, excess.starts, axis=1)
        found[:, excess.bins] = sums
    return found
