"""A second opinion on the AUC: the paired test of DeLong, which needs no resampling.

DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver
operating characteristic curves"; computed from mid-ranks as Sun and Xu 2014 do. Of images that
depend on one another: Obuchowski 1997, "Nonparametric analysis of clustered ROC curve data", with
Student's quantiles in the place of the normal ones.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata, t

from edgekit.metrics import Flags, Floats
from edgekit.results.decision import Delong
from edgekit.verification.figures import BothScores
from edgekit.verification.groups import Groups, degrees, groups_of_classes
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
    found = auc_change(both)
    if found is None or found.deviation == 0:
        return None
    law = norm if found.free is None else t(found.free)
    half = float(law.ppf(0.5 + LEVEL / 2)) * found.deviation
    below = float(law.sf((found.delta + budget) / found.deviation))
    return Delong(interval=(found.delta - half, found.delta + half), p=below)


class Change(NamedTuple):
    """Change of the AUC, its standard deviation, and degrees of freedom; None without groups."""

    delta: float
    deviation: float
    free: int | None


def auc_change(both: BothScores, *, grouped: bool = True) -> Change | None:
    """Return the change of the AUC; None where it cannot be told.

    Args:
        both: the scores.
        grouped: whether groups count, where there are some.
    """
    if not both.finite or np.bincount(both.positives, minlength=2).min() < 2:
        return None
    parts = [_placements(scores, both.positives) for scores in (both.reference, both.artifact)]
    upper, lower = parts[1][0] - parts[0][0], parts[1][1] - parts[0][1]
    delta = float(upper.mean())
    if both.groups is None or not grouped:
        return Change(
            delta, math.sqrt(upper.var(ddof=1) / len(upper) + lower.var(ddof=1) / len(lower)), None
        )
    return _of_groups(delta, upper, lower, both.positives, both.groups)


def _of_groups(
    delta: float, upper: Floats, lower: Floats, positives: Flags, groups: Groups
) -> Change | None:
    """Return Obuchowski's variance: sums over groups, and the product of a group's two classes."""
    held = groups_of_classes(groups, positives)
    if min(held) < 2:
        return None
    size = int(groups.max()) + 1
    above, below = (
        np.bincount(groups[members], part - delta, size)
        for members, part in ((positives, upper), (~positives, lower))
    )
    squares = [
        float(np.sum(sums**2)) * many / (many - 1) / len(part) ** 2
        for sums, part, many in ((above, upper, held[0]), (below, lower, held[1]))
    ]
    count = len(np.unique(groups))
    product = float(np.sum(above * below)) * count / (count - 1) / (len(upper) * len(lower))
    variance = max(0.0, sum(squares) + 2 * product)
    return Change(delta, math.sqrt(variance), degrees(groups, positives))


def _placements(scores: Floats, positives: Flags) -> tuple[Floats, Floats]:
    """Return each positive's share of negatives below it, and each negative's of positives above.

    Both have the AUC as their mean; ties count one half.
    """
    upper, lower = scores[positives], scores[~positives]
    together = rankdata(np.concatenate([upper, lower]))
    above = (together[: len(upper)] - rankdata(upper)) / len(lower)
    below = 1.0 - (together[len(upper) :] - rankdata(lower)) / len(upper)
    return above, below
