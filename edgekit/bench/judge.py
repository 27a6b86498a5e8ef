"""Hold a bundle's times against the budgets."""

from collections.abc import Sequence

from edgekit.bench.figures import median_of
from edgekit.bench.noise import log_interval
from edgekit.bench.settings import BenchSettings
from edgekit.bench.take import Measured


def judge(
    measured: Measured, settings: BenchSettings, obstacle: str | None, throttled: bool
) -> tuple[str, list[str]]:
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
        return "unavailable", [obstacle]
    found = []
    if measured.ratio is not None:
        found.append(measured.ratio.verdict(settings.max_ratio))
    if settings.max_p50_ms is not None:
        medians = [median_of(pair.own.times_ms) for pair in measured.pairs]
        found.append(_within(medians, settings.max_p50_ms, throttled))
    verdicts = [verdict for verdict, _ in found]
    worst = next((name for name in ("fail", "inconclusive") if name in verdicts), "pass")
    return worst, [reason for _, reason in found if reason]


def _within(medians: Sequence[float], limit: float, throttled: bool) -> tuple[str, str | None]:
    """Hold the interval of the processes' medians against the budget of p50."""
    low, high = log_interval(medians)
    said = f"p50 {median_of(medians):.3f} ms [{low:.3f}, {high:.3f}], budget {limit:g} ms"
    if throttled:
        return "inconclusive", f"{said}: the machine grew slower meanwhile; let it cool, or rest"
    if high <= limit:
        return "pass", None
    if low > limit:
        return "fail", f"{said}: over its budget"
    return "inconclusive", f"{said}: more pairs would decide it"
