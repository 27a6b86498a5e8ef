"""Statistics of images that depend on one another: the group is what was drawn, not the image.

A group may hold images of both classes, such as a photograph and what was made from it.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from edgekit.errors import InputError
from edgekit.metrics import Flags, Floats
from edgekit.verdict import Interval
from edgekit.verification.statistics import LEVEL, exact_interval

Groups = NDArray[np.intp]

# Below so many groups of a class no interval of ours covers as often as it says; see the
# simulation in `tests/verification/test_coverage.py`.
FEWEST = 20
_RARE = 10


def renumbered(groups: ArrayLike) -> Groups:
    """Number groups 0..G-1, [N], whatever they are called."""
    return np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1).astype(np.intp)


def refuse_one_group(groups: Groups) -> None:
    """Refuse images that all depend on one another.

    Raises:
        InputError: when they are of one group.
    """
    if len(np.unique(groups)) == 1:
        what = f"all {len(groups)} test images are of one group, which decides nothing"
        raise InputError(what, "Add images of other groups, or correct `groups` in [data]")


def groups_of_classes(groups: Groups, positives: Flags) -> tuple[int, int]:
    """Return of how many groups the positives are, and the others."""
    return len(np.unique(groups[positives])), len(np.unique(groups[~positives]))


def degrees(groups: Groups, positives: Flags) -> int:
    """Return the degrees of freedom of a variance between groups: those of the poorer class."""
    return max(1, min(groups_of_classes(groups, positives)) - 1)


def symmetric_interval(
    difference: float, resampled: Floats, free: int, unseen: float = 0.0
) -> Interval:
    """Return the interval of a difference from its spread among resampled groups.

    Percentiles of few groups cover too rarely. The spread of n resampled groups is too small by
    n / (n - 1) beside the jackknife's (CV3 of MacKinnon, Nielsen and Webb 2023, "Cluster-robust
    inference: a guide to empirical practice"), and goes with Student's quantile (Hesterberg 2015,
    "What teachers should know about the bootstrap").

    Args:
        difference: the figure's, on all images.
        resampled: the same of resampled groups.
        free: degrees of freedom; see `degrees`.
        unseen: by how much one effective image that is decided otherwise changes the figure. A
            bootstrap cannot draw what no image shows: the variance gets one change more, as
            Agresti and Min 2005 add one half to each of four cells ("Simple improved confidence
            intervals for comparing matched proportions").
    """
    deviation = math.hypot(float(resampled.std()) * (free + 1) / free, unseen)
    half = float(t.ppf(0.5 + LEVEL / 2, free)) * deviation
    return difference - half, difference + half


def design_effect(values: Floats, groups: Groups) -> float:
    """Return by how much the variance of a mean is larger than that of independent images.

    Kish 1965, "Survey sampling"; the mean as a ratio of sums over groups.

    Args:
        values: one per image, [N].
        groups: number of each image's group, [N].

    Returns:
        1 where all values are alike.
    """
    apart = values - values.mean()
    alone = float(np.sum(apart**2))
    sums = np.bincount(groups, apart)
    count = int(np.count_nonzero(np.bincount(groups)))
    if alone == 0 or count < 2:
        return 1.0
    return float(np.sum(sums**2)) / alone * count / (count - 1) * (1 - 1 / len(values))


def effect_of(hit: Flags, groups: Groups, spread: Floats | None = None) -> float:
    """Return the design effect of a share of images, at least 1.

    Hits in few groups do not show how they go together: then the design effect of what decides
    whether there is a hit is taken where it is larger.

    Args:
        hit: bool [N].
        groups: number of each image's group, [N].
        spread: what decides whether there is a hit, [N], such as the change of the score.
    """
    effect = max(1.0, design_effect(hit.astype(np.float64), groups))
    if spread is None or len(np.unique(groups[hit])) >= _RARE:
        return effect
    return max(effect, design_effect(spread, groups))


class Clustered(NamedTuple):
    """An interval, and the effective number of images that it is of."""

    interval: Interval
    effective: float


def clustered_interval(hit: Flags, groups: Groups, spread: Floats | None = None) -> Clustered:
    """Bound the share of images of which something is true.

    Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data": Clopper and Pearson's interval of the effective
    number of images, made smaller by the squared ratio of Student's quantiles.

    Args:
        hit: bool [N].
        groups: number of each image's group, [N].
        spread: see `effect_of`.
    """
    images, count = len(hit), int(np.count_nonzero(np.bincount(groups)))
    effect = effect_of(hit, groups, spread)
    tail = 0.5 + LEVEL / 2
    students = (float(t.ppf(tail, max(1, free - 1))) for free in (images, count))
    many, few = students
    effective = images / effect * (many / few) ** 2
    return Clustered(exact_interval(float(hit.mean()) * effective, effective), effective)


def sign_flip_p(lost: Flags, won: Flags, groups: Groups) -> float:
    """Return the exact two-sided p-value that neither model is more accurate.

    The test is McNemar's with groups for images: where reference and artifact are alike, each
    group's difference of losses and wins is as likely with the other sign, and every combination of
    signs is counted (Fisher 1935, "The design of experiments", section 21; asymptotic forms are
    Obuchowski 1998 and Durkalski et al. 2003). With one image a group it is McNemar's exact test.

    Args:
        lost: images that only the reference decides rightly, bool [N].
        won: images that only the artifact does, bool [N].
        groups: number of each image's group, [N].
    """
    sums = np.bincount(groups, won.astype(np.float64) - lost).astype(np.int64)
    steps = np.abs(sums[sums != 0])
    reach = int(steps.sum())
    chances = np.zeros(2 * reach + 1)
    chances[reach] = 1.0
    for step in steps:
        chances = 0.5 * (np.roll(chances, step) + np.roll(chances, -step))
    seen = abs(int(sums.sum()))
    far = np.abs(np.arange(-reach, reach + 1)) >= seen
    return float(min(1.0, chances[far].sum()))
