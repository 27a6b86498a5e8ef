"""A result's figures as people read them: the rows of the summary and of the JUnit file."""

from dataclasses import dataclass

from edgekit.performance.limits import KINDS
from edgekit.results.gate import GateFigure
from edgekit.results.measurement import Measurement
from edgekit.verdict import Verdict

DASH = "\u2014"
_UNITS = {"latency": "ms", "size": "bytes", "memory": "bytes"}


@dataclass(frozen=True)
class Row:
    """One figure, written out."""

    name: str
    value: str
    baseline: str
    change: str
    limit: str
    verdict: Verdict
    reason: str = ""


def rows(result: Measurement) -> list[Row]:
    """Return one row per judged figure; without a gate, one for the latency.

    Args:
        result: as `run_gate` returns it.
    """
    if result.gate is None:
        return [_alone(result)]
    return [_row(figure) for figure in result.gate.figures]


def _row(figure: GateFigure) -> Row:
    name, change = figure.name, f"{figure.change:+.2%}"
    if figure.interval:
        low, high = figure.interval
        change += f" [{low:+.2%}, {high:+.2%}]"
    return Row(
        name,
        amount(name, figure.value),
        amount(name, figure.baseline),
        change,
        f"{figure.limit:.3g}" if KINDS[name] == "share" else f"{figure.limit:.1%}",
        figure.verdict,
        figure.reason,
    )


def _alone(result: Measurement) -> Row:
    against, value = result.against, amount("latency", result.p50_ms)
    reason = "; ".join(result.reasons)
    if against is None:
        return Row("latency", value, DASH, DASH, DASH, result.verdict, reason)
    low, high = against.ratio.interval
    change = f"{against.ratio.value - 1:+.2%} [{low - 1:+.2%}, {high - 1:+.2%}]"
    return Row("latency", value, against.name, change, DASH, result.verdict, reason)


def amount(name: str, value: float) -> str:
    """Write a figure with its unit."""
    if name == "latency":
        return f"{value:.3f} ms"
    if KINDS[name] == "share":
        return f"{value:.4f}"
    unit = _UNITS.get(name)
    return f"{value:,.0f} {unit}" if unit else f"{value:,.0f}"
