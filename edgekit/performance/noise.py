"""How steady the machine was, as the pairs themselves show it."""

import math
from collections.abc import Sequence

import numpy as np

from edgekit.results.timing import Noise

FEWEST = 6  # levels before a trend is looked for
SLOWER = 1.10  # last third over first third
SURE = 0.01  # p-value of the trend
NOISY = 0.10  # standard deviation of the logarithm of levels


def steadiness(levels: Sequence[float], logs: Sequence[float] | None) -> Noise:
    """Describe how steady a machine was.

    Args:
        levels: one time per process, in the order they were taken, milliseconds: of the artifact
            that is compared with, where there is one.
        logs: logarithms of the pairs' ratios; None without pairs.
    """
    values = np.asarray(levels, dtype=np.float64)
    spread = float(np.log(values).std(ddof=1)) if len(values) > 1 else 0.0
    drift = _drift(values)
    return Noise(
        spread=spread,
        pair_spread=float(np.std(logs, ddof=1)) if logs is not None else None,
        drift=drift,
        throttled=drift is not None and drift > SLOWER and _rises(values),
        noisy=spread > NOISY,
    )


def _drift(values: np.ndarray) -> float | None:
    if len(values) < FEWEST:
        return None
    third = len(values) // 3
    return float(np.median(values[-third:]) / np.median(values[:third]))


def _rises(values: np.ndarray) -> bool:
    from scipy import stats

    trend = stats.kendalltau(np.arange(len(values)), values)
    return bool(trend.statistic > 0 and trend.pvalue < SURE)


def log_interval(levels: Sequence[float]) -> tuple[float, float]:
    """Return the 95% interval of the typical level: Student's t of the logarithms."""
    from edgekit.performance.ratio import ratio_of_logs

    if len(levels) < 2:
        return 0.0, math.inf
    found = ratio_of_logs(np.log(np.asarray(levels)))
    return found.low, found.high
