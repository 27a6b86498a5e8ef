"""The statistics of latencies: levels, the ratio of two and its interval, and when to look at it.

Who looks again and again until an interval says what he hopes for finds it sooner or later. A
group-sequential design fixes the looks beforehand and spends the permitted error on them (Lan and
DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983). Here each look
gets an equal share of 5%: by the union bound all intervals together hold the true ratio in at least
95 of 100 measurements, whatever their dependence.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from edgekit.results.ratio import Ratio
from edgekit.verdict import Verdict

ERROR = 0.05  # of all looks together
GROWTH = 1.5  # from look to look
RESAMPLES = 2000
# Interruptions only ever add time, so a low quantile says more about an artifact than the median
# (Chen and Revels, "Robust benchmarking in noisy environments", 2016, who take the minimum).
QUANTILE = 25.0


def level(times: Sequence[float]) -> float:
    """Return the time of an undisturbed run: the lower quartile."""
    return float(np.percentile(times, QUANTILE))


def median_of(values: Sequence[float]) -> float:
    """Return the median as a plain number."""
    return float(np.median(values))


def ratio_of_logs(logs: Sequence[float] | np.ndarray, confidence: float = 0.95) -> Ratio:
    """Return the ratio behind the logarithms of the duets' ratios, with Student's t interval.

    Args:
        logs: one per duet, two at least.
        confidence: how often such an interval holds the true ratio.
    """
    from scipy import stats

    values = np.asarray(logs, dtype=np.float64)
    mean, count = float(values.mean()), len(values)
    quantile = float(stats.t.ppf((1 + confidence) / 2, count - 1))
    half = quantile * float(values.std(ddof=1)) / math.sqrt(count)
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half), count)


def unpaired_ratio(first: Sequence[float], second: Sequence[float], drift: float = 0.0) -> Ratio:
    """Return first / second of figures taken at different times, with Welch's interval.

    Args:
        first: positive figures of one measurement, two at least.
        second: those of another.
        drift: standard deviation of the logarithm of a whole measurement's level, which the spread
            inside of one does not show.
    """
    from scipy import stats

    logs = [np.log(np.asarray(side, dtype=np.float64)) for side in (first, second)]
    parts = [max(float(side.var(ddof=1)) / len(side), 1e-18) for side in logs]
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, logs, strict=True)
    )
    mean = float(logs[0].mean() - logs[1].mean())
    half = float(stats.t.ppf(0.975, freedom)) * math.sqrt(sum(parts))
    half = math.hypot(half, float(stats.norm.ppf(0.975)) * math.sqrt(2) * drift)
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half), len(logs[0]))


def bootstrap_interval(logs: Sequence[float] | np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Return the studentized bootstrap interval of the ratio: 2,000 resamples of the duets, 95%.

    Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 12. The percentile
    bootstrap of so few duets is too narrow. It is a second opinion beside Student's t interval,
    which a verdict rests on.

    Args:
        logs: logarithms of the duets' ratios, two at least.
        seed: of the draws.
    """
    values = np.asarray(logs, dtype=np.float64)
    count, error = len(values), float(values.std(ddof=1)) / math.sqrt(len(values))
    draws = values[np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))]
    errors = draws.std(axis=1, ddof=1) / math.sqrt(count)
    kept = errors > 1e-12
    if not kept.any():
        return math.exp(values.mean()), math.exp(values.mean())
    scores = (draws[kept].mean(axis=1) - values.mean()) / errors[kept]
    low, high = np.percentile(scores, [2.5, 97.5])
    return math.exp(values.mean() - high * error), math.exp(values.mean() - low * error)


def log_interval(levels: Sequence[float]) -> tuple[float, float]:
    """Return the 95% interval of the typical level: Student's t of the logarithms."""
    if len(levels) < 2:
        return 0.0, math.inf
    found = ratio_of_logs(np.log(np.asarray(levels)))
    return found.low, found.high


def looks(first: int, most: int) -> list[int]:
    """Return the numbers of duets after which to look: half as many again each time."""
    found = [first]
    while found[-1] < most:
        found.append(min(most, int(found[-1] * GROWTH + 1)))
    return found


def until_decided(
    duet: Callable[[int], float], first: int, most: int, limit: float
) -> tuple[Ratio, list[float]]:
    """Measure duets until the interval leaves the limit out, or the last look.

    Args:
        duet: measures the duet of that number; returns the logarithm of its ratio.
        first: duets before the first look.
        most: duets before the last.
        limit: the ratio in question.

    Returns:
        the ratio with an interval that pays for every look, and the logarithms.
    """
    plan = looks(first, most)
    logs: list[float] = []
    for count in plan:
        logs += [duet(number) for number in range(len(logs), count)]
        ratio = ratio_of_logs(logs, 1 - ERROR / len(plan))
        if ratio.verdict(limit)[0] is not Verdict.INCONCLUSIVE:
            break
    return ratio, logs
