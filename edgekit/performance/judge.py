"""What times are worth: how steady the machine was, whether it kept its speed, the budgets."""

from collections.abc import Sequence

import numpy as np

from edgekit.performance.ratio import log_interval, median_of, unpaired_ratio
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import Taken
from edgekit.results.timing import Noise, Sustained
from edgekit.verdict import Verdict, held, worst

FEWEST = 6  # levels before a trend is looked for
SLOWER = 1.10  # last third over first third
SURE = 0.01  # p-value of the trend
NOISY = 0.10  # standard deviation of the logarithm of levels
TIRED = 1.05  # last minute over first, for the whole interval: what counts as throttling
MINUTE = 60.0


def steadiness(levels: Sequence[float], logs: Sequence[float] | None) -> Noise:
    """Describe how steady a machine was.

    Args:
        levels: one time per process, in the order they were taken, milliseconds: of the artifact
            that is compared with, where there is one.
        logs: logarithms of the duets' ratios; None without duets.
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


def first_against_last(rows: Sequence[Sequence[float]]) -> Sustained:
    """Tell whether an artifact keeps its speed: the first minute of a long run against the last.

    Args:
        rows: of a run without a pause, in order, four at least: seconds since the start, median
            milliseconds and runs of each bin. A run of less than two minutes is cut in halves.
    """
    length = rows[-1][0]
    part = min(MINUTE, length / 2)
    first = [row[1] for row in rows if row[0] <= part]
    last = [row[1] for row in rows if row[0] > length - part]
    ratio = unpaired_ratio(last, first)
    return Sustained(
        minutes=length / MINUTE,
        runs=int(sum(row[2] for row in rows)),
        first_ms=_middle(first),
        last_ms=_middle(last),
        ratio=ratio.value,
        interval=ratio.interval,
        throttled=ratio.low > TIRED,
    )


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def judge(
    measured: Taken, settings: BenchSettings, obstacle: str | None, throttled: bool
) -> tuple[Verdict, list[str]]:
    """Hold the figures against the budgets.

    Args:
        measured: what was taken.
        settings: the budgets.
        obstacle: why the times say nothing about the Target, see `speed_obstacle`; None where they
            do.
        throttled: whether the machine grew slower meanwhile.

    Returns:
        the verdict, and a line for each budget that is not met for sure; `unavailable` and the
        obstacle where there is one.
    """
    if obstacle is not None:
        return Verdict.UNAVAILABLE, [obstacle]
    found = []
    if measured.ratio is not None:
        found.append(measured.ratio.verdict(settings.max_ratio))
    if settings.max_p50_ms is not None:
        medians = [median_of(duet.own.times_ms) for duet in measured.duets]
        found.append(_within(medians, settings.max_p50_ms, throttled))
    return worst(verdict for verdict, _ in found), [reason for _, reason in found if reason]


def _within(medians: Sequence[float], limit: float, throttled: bool) -> tuple[Verdict, str | None]:
    """Hold the interval of the processes' medians against the budget of p50."""
    low, high = log_interval(medians)
    verdict = held((low, high), limit)
    said = f"p50 {median_of(medians):.3f} ms [{low:.3f}, {high:.3f}], budget {limit:g} ms"
    if throttled:
        why = "the machine grew slower meanwhile; let it cool, or rest"
        return Verdict.INCONCLUSIVE, f"{said}: {why}"
    if verdict is Verdict.PASS:
        return verdict, None
    why = "over its budget" if verdict is Verdict.FAIL else "more pairs would decide it"
    return verdict, f"{said}: {why}"
