"""How sure a figure is, and how many images would make it sure enough."""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta, binomtest

from edgekit.metrics import Floats
from edgekit.verdict import Interval

LEVEL = 0.95


def percentile_interval(values: Floats, level: float = LEVEL, step: float = 0.0) -> Interval:
    """Return the central `level` of resampled values (Efron & Tibshirani 1993, chapter 13).

    Args:
        values: resampled.
        level: coverage.
        step: what lies between two values that can occur; half of it is added to both ends, the
            continuity correction for the share of a few images.
    """
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return float(low) - 0.5 * step, float(high) + 0.5 * step


def exact_interval(count: float, total: float, level: float = LEVEL) -> Interval:
    """Bound a rate by Clopper & Pearson 1934, "The use of confidence or fiducial limits".

    Args:
        count: how often it happened, 0..total; a fraction is read as a rate yet to be seen.
        total: how often it could have.
        level: coverage, at least.
    """
    tail = 0.5 * (1.0 - level)
    low = 0.0 if count <= 0 else float(beta.ppf(tail, count, total - count + 1))
    high = 1.0 if count >= total else float(beta.ppf(1.0 - tail, count + 1, total - count))
    return low, high


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p-value of McNemar 1947 for paired decisions.

    Args:
        lost: images that only the first model decides rightly.
        won: images that only the second one does.
    """
    return float(binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0


def images_to_decide(images: int, value: float, interval: Interval, limit: float) -> int | None:
    """Estimate how many images would move an interval off `limit`, at the value seen.

    The side of the interval that faces the limit shrinks with the square root of the images.

    Returns:
        a number of images, or None when the value is at the limit and none would.
    """
    gap = abs(value - limit)
    side = value - interval[0] if value > limit else interval[1] - value
    needed = images * (side / gap) ** 2 if gap > 0 else math.inf
    return math.ceil(needed) if math.isfinite(needed) else None


def images_to_decide_rate(images: float, count: float, limit: float) -> int | None:
    """Estimate how many images would move a rate's exact interval off `limit`, at the rate seen.

    Returns:
        a number of images, or None when the rate is at the limit and none would.
    """
    rate = count / images
    if limit <= 0 or rate == limit:
        return None
    side = 1 if rate < limit else 0

    def excess(scale: float) -> float:
        total = images * math.exp(scale)
        return exact_interval(rate * total, total)[side] - limit

    top = math.log(1e12 / images)
    if excess(0.0) * excess(top) > 0:
        return None
    return math.ceil(images * math.exp(brentq(excess, 0.0, top)))
