"""One figure of the table as text."""

from dataclasses import dataclass

from edgekit.figure import Figure, Share
from edgekit.report.numbers import DASH, count, milliseconds, share, signed, span
from edgekit.results.groups import Grouped
from edgekit.results.measurement import Measured
from edgekit.results.unmeasured import Unmeasured
from edgekit.verdict import Verdict


@dataclass(frozen=True)
class Cell:
    """One figure as text.

    Attributes:
        text: the figure.
        detail: its interval, budget, evidence or the like; parts stand between "; ".
        verdict: for a cell that holds one.
        note: number of the note that says why there is no figure.
    """

    text: str
    detail: str = ""
    verdict: Verdict | None = None
    note: int | None = None


def change(figure: Figure, groups: Grouped | None = None) -> Cell | None:
    """Write a change with its interval and budget; None where it has no value.

    Args:
        figure: what changed.
        groups: of the images, and of how many independent ones the interval is.
    """
    if figure.difference is None or figure.interval is None or figure.limit is None:
        return None
    parts = [span(figure.interval), f"budget {signed(figure.limit)}"]
    if groups is not None:
        worth = f"worth {count(groups.effective_images)} images"
        parts += [f"{count(groups.count)} groups", worth]
    return Cell(signed(figure.difference), "; ".join(parts))


def flips(figure: Share | None, classes: Share | None = None) -> Cell | None:
    """Write the share of flips with its interval and budget; None where it has no value.

    Args:
        figure: images that are decided differently.
        classes: images that get another class, where there are more than two.
    """
    if figure is None or figure.rate is None:
        return None
    named = [] if classes is None else [f"class flips {_rate(classes)}", *_parts(classes)]
    return Cell(_rate(figure), "; ".join([*_parts(figure), *named]))


def _rate(figure: Share) -> str:
    return DASH if figure.rate is None else share(figure.rate)


def _parts(figure: Share) -> list[str]:
    if figure.count is None or figure.interval is None:
        return []
    limit = [f"budget {share(figure.budget)}"] if figure.budget is not None else []
    return [f"{count(figure.count)} images", span(figure.interval, share), *limit]


def latency(speed: Measured) -> Cell | None:
    """Write the p50 latency with its tails; None where it has no value."""
    if isinstance(speed, Unmeasured):
        return None
    tails = f"p90 {milliseconds(speed.p90_ms)}; p99 {milliseconds(speed.p99_ms)}"
    return Cell(milliseconds(speed.p50_ms), tails)


def ratio(speed: Measured) -> Cell | None:
    """Write how long it takes compared with another bundle; None where there is none."""
    if isinstance(speed, Unmeasured) or speed.against is None:
        return None
    found, name = speed.against.ratio, speed.against.name
    return Cell(f"{found.value:.2f}", f"{found.low:.2f} to {found.high:.2f}; of {name}")
