"""A second opinion on the AUC: the paired test of DeLong, which needs no resampling.

DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver
operating characteristic curves"; computed from mid-ranks as Sun and Xu 2014 do.
"""

import math

import numpy as np
from scipy.stats import norm, rankdata

from edgekit.metrics import Flags, Floats
from edgekit.results.decision import Delong
from edgekit.verification.figures import BothScores
from edgekit.verification.statistics import LEVEL


def delong_figure(both: BothScores, budget: float) -> Delong | None:
    """Return interval and p-value of the AUC's change.

    Args:
        both: the scores.
        budget: allowed drop.

    Returns:
        None where scores are not finite, a class has fewer than two images, or both models order
        all images alike.
    """
    counts = np.bincount(both.positives, minlength=2)
    if not both.finite or counts.min() < 2:
        return None
    parts = [_placements(scores, both.positives) for scores in (both.reference, both.artifact)]
    upper, lower = parts[1][0] - parts[0][0], parts[1][1] - parts[0][1]
    deviation = math.sqrt(upper.var(ddof=1) / len(upper) + lower.var(ddof=1) / len(lower))
    if deviation == 0:
        return None
    delta, half = float(upper.mean()), float(norm.ppf(0.5 + LEVEL / 2)) * deviation
    below = float(norm.sf((delta + budget) / deviation))
    return Delong(interval=(delta - half, delta + half), p=below)


def _placements(scores: Floats, positives: Flags) -> tuple[Floats, Floats]:
    """Return each positive's share of negatives below it, and each negative's of positives above.

    Both have the AUC as their mean; ties count one half.
    """
    upper, lower = scores[positives], scores[~positives]
    together = rankdata(np.concatenate([upper, lower]))
    above = (together[: len(upper)] - rankdata(upper)) / len(lower)
    below = 1.0 - (together[len(upper) :] - rankdata(lower)) / len(upper)
    return above, below
