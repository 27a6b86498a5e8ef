"""One figure of the table as text."""

from dataclasses import dataclass

from edgekit.report.bundles import Json
from edgekit.report.figures import count, milliseconds, share, signed, span


@dataclass(frozen=True)
class Cell:
    """One figure as text.

    Attributes:
        text: the figure.
        detail: its interval, budget, evidence or the like; parts stand between "; ".
        verdict: key of `VERDICTS`, for a cell that holds a verdict.
        note: number of the note that says why there is no figure.
    """

    text: str
    detail: str = ""
    verdict: str = ""
    note: int | None = None


def delta(figure: Json | None) -> Cell | None:
    """Write a change with its interval and budget; None where it has no value."""
    if figure is None or figure["delta"] is None:
        return None
    detail = f"{span(figure['ci95'])}; budget {signed(-figure['budget'])}"
    return Cell(signed(figure["delta"]), detail)


def flips(figure: Json | None, classes: Json | None = None) -> Cell | None:
    """Write the share of flips with its interval and budget; None where it has no value.

    Args:
        figure: images that are decided differently.
        classes: images that get another class, where there are more than two.
    """
    if figure is None or figure["count"] is None:
        return None
    named = [] if classes is None else ["class flips " + share(classes["rate"]), *_parts(classes)]
    return Cell(share(figure["rate"]), "; ".join([*_parts(figure), *named]))


def _parts(figure: Json) -> list[str]:
    budget = figure.get("budget")
    limit = [f"budget {share(budget)}"] if budget is not None else []
    return [f"{count(figure['count'])} images", span(figure["ci95"], share), *limit]


def latency(speed: Json) -> Cell | None:
    """Write the p50 latency with its tails; None where it has no value."""
    if speed.get("p50_ms") is None:
        return None
    tails = [name for name in ("p90", "p99") if speed.get(f"{name}_ms") is not None]
    detail = "; ".join(f"{name} {milliseconds(speed[f'{name}_ms'])}" for name in tails)
    return Cell(milliseconds(speed["p50_ms"]), detail)


def ratio(against: Json | None) -> Cell | None:
    """Write how long it takes compared with another bundle; None where there is none."""
    if not against or against.get("ratio") is None:
        return None
    low, high = against["ci95"]
    return Cell(f"{against['ratio']:.2f}", f"{low:.2f} to {high:.2f}; of {against['name']}")
