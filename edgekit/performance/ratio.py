"""The ratio of two latencies, measured in pairs or apart, with its confidence interval."""

import math
from collections.abc import Sequence

import numpy as np

from edgekit.results.ratio import Ratio

RESAMPLES = 2000


def paired_ratio(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return first / second over pairs, with Student's t interval of the logarithms.

    Args:
        first: one positive figure per pair.
        second: the other figure of each pair; two pairs at least.
    """
    return ratio_of_logs(np.log(np.asarray(first)) - np.log(np.asarray(second)))


def ratio_of_logs(logs: Sequence[float] | np.ndarray, confidence: float = 0.95) -> Ratio:
    """Return the ratio behind the logarithms of the pairs' ratios, with Student's t interval.

    Args:
        logs: one per pair, two at least.
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
        first: positive figures of one session, two at least.
        second: those of another session.
        drift: standard deviation of the logarithm of a whole session's level, which the spread
            inside a session does not show.
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
    """Return the studentized bootstrap interval of the ratio: 2,000 resamples of the pairs, 95%.

    Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 12. The percentile
    bootstrap of so few pairs is too narrow. It is a second opinion beside Student's t interval,
    which a verdict rests on.

    Args:
        logs: logarithms of the pairs' ratios, two at least.
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
