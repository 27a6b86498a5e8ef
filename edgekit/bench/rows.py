"""A result's figures as people read them: the rows of the summary and of the JUnit file."""

from dataclasses import dataclass
from typing import Any

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
    verdict: str
    reason: str = ""


def rows(result: dict[str, Any]) -> list[Row]:
    """Return one row per judged figure; without a gate, one for the latency.

    Args:
        result: as `run_gate` returns it.
    """
    gate = result.get("gate")
    if gate is None:
        return [_alone(result)]
    return [_row(figure) for figure in gate["figures"]]


def _row(figure: dict[str, Any]) -> Row:
    change = f"{figure['change']:+.2%}"
    if figure["ci95"]:
        low, high = figure["ci95"]
        change += f" [{low:+.2%}, {high:+.2%}]"
    name = figure["name"]
    return Row(
        name,
        amount(name, figure["value"]),
        amount(name, figure["baseline"]),
        change,
        f"{figure['limit']:.3g}" if name in ("auc", "accuracy") else f"{figure['limit']:.1%}",
        figure["verdict"],
        figure["reason"],
    )


def _alone(result: dict[str, Any]) -> Row:
    against, value = result["against"], amount("latency", result["p50_ms"])
    reason = "; ".join(result["reasons"])
    if against is None:
        return Row("latency", value, DASH, DASH, DASH, result["verdict"], reason)
    low, high = against["ci95"]
    change = f"{against['ratio'] - 1:+.2%} [{low - 1:+.2%}, {high - 1:+.2%}]"
    return Row("latency", value, against["name"], change, DASH, result["verdict"], reason)


def amount(name: str, value: float) -> str:
    """Write a figure with its unit."""
    if name == "latency":
        return f"{value:.3f} ms"
    if name in ("auc", "accuracy"):
        return f"{value:.4f}"
    unit = _UNITS.get(name)
    return f"{value:,.0f} {unit}" if unit else f"{value:,.0f}"
