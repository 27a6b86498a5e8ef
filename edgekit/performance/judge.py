"""Hold a bundle's times against the budgets."""

from collections.abc import Sequence

from edgekit.performance.figures import median_of
from edgekit.performance.noise import log_interval
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import Measured
from edgekit.verdict import Verdict, held, worst


def judge(
    measured: Measured, settings: BenchSettings, obstacle: str | None, throttled: bool
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
        medians = [median_of(pair.own.times_ms) for pair in measured.pairs]
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
