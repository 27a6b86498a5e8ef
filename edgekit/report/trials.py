"""Accuracy against latency of everything that a precision search tried, as an SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from edgekit.drawing.axis import Axis
from edgekit.drawing.grid import grid
from edgekit.drawing.labels import Place, place_labels
from edgekit.results.search import Candidate, SearchResult
from edgekit.verdict import Interval

WIDTH = 760
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 744, 14, 344
_RIGHTWARD = "Latency over fp32 (left is faster)"
_UPWARD = "AUC drop at most, points (down is better)"
_LINE = 17  # between the lines of the list below the plot
_SQUARE, _STAR = "M-5 -5H5V5H-5Z", "M0 -9L2.6 -3 9 -3 4 1.2 6 8 0 4-6 8-4 1.2-9 -3-2.6 -3Z"
_ABOVE = "M0 -6L6 5H-6Z"  # points up: the drop is larger than the picture is high
_CAP = 6.0  # the picture is that many budgets high, so that one collapse does not flatten the rest
# For the file that stands alone; in the report the page's own style does this.
_STYLE = (
    "<style>svg{background:#fff;font-family:sans-serif}text{font-size:12px;fill:#5b6673}"
    ".grid{stroke:#dde2e8}.frame{stroke:#5b6673}.reference{stroke:#5b6673;stroke-dasharray:5 4}"
    "path{fill:none}.bar{stroke:#4d5763}.marker{fill:#4d5763;stroke:#fff}.name{fill:#1b2027}"
    ".marker.pass{fill:#1a6e37}.marker.fail{fill:#a31621}.marker.inconclusive{fill:#7a5200}</style>"
)


def picture(search: SearchResult, alone: bool = False) -> str:
    """Draw the trials of a search, numbered, with the list of their names below.

    Args:
        search: what it came to.
        alone: for a file of its own instead of an HTML page.

    Returns:
        an SVG: latency over fp32's with its interval to the right, the upper end of the interval
        of the AUC's drop upward, the chosen trial as a star, the budget as a line.
    """
    trials, budget = search.trials, 100 * search.auc_budget
    shown = list(_points(search))
    across, upward = _axes(shown, budget)
    places = [_place(across, upward, point) for point in shown]
    parts = [
        _STYLE if alone else "",
        grid(across, upward, _RIGHTWARD, _UPWARD),
        _budget(upward, budget),
        *[_marker(across, upward, point) for point in shown],
        *_names([str(point.number) for point in shown], places),
        *[_entry(number, trial, search.key) for number, trial in enumerate(trials, 1)],
    ]
    height = _BOTTOM + 58 + _LINE * len(trials)
    space = 'xmlns="http://www.w3.org/2000/svg" ' if alone else ""
    return (
        f'<svg {space}viewBox="0 0 {WIDTH} {height}" role="img" class="plot" aria-label="AUC drop '
        f'against latency of every candidate; the list below names them">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True)
class _Point:
    """A trial that has a place in the picture: latency over fp32's, and points of AUC lost."""

    number: int
    trial: Candidate
    chosen: bool
    ratio: float
    interval: Interval
    drop: float


def _points(search: SearchResult) -> Iterator[_Point]:
    for number, trial in enumerate(search.trials, 1):
        if trial.ratio is None or trial.interval is None or trial.auc_drop is None:
            continue
        chosen, drop = trial.key == search.key, 100 * trial.auc_drop
        yield _Point(number, trial, chosen, trial.ratio, trial.interval, drop)


def _axes(shown: Sequence[_Point], budget: float) -> tuple[Axis, Axis]:
    slowest = max([1.0, *(point.interval[1] for point in shown)])
    worst = max([0.01, 1.2 * budget, *(point.drop for point in shown)])
    top = min(worst, _CAP * budget) if budget else worst
    # A little below 0, so that a trial that lost nothing is not half outside the frame.
    return (
        Axis(0.0, 1.08 * slowest, _LEFT, _RIGHT),
        Axis(-0.04 * top, 1.08 * top, _BOTTOM, _TOP),
    )


def _budget(upward: Axis, budget: float) -> str:
    y = upward.place(budget)
    return (
        f'<path class="reference" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
        f'<text class="note" x="{_LEFT + 6}" y="{y - 5:.1f}">budget {budget:g}</text>'
    )


def _place(across: Axis, upward: Axis, point: _Point) -> Place:
    return across.place(point.ratio), upward.place(min(point.drop, upward.high))


def _names(names: Sequence[str], places: Sequence[Place]) -> list[str]:
    stands = place_labels(names, places, (_LEFT, _TOP, _RIGHT, _BOTTOM))
    return [
        f'<text class="name" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{name}</text>'
        for name, (x, y, anchor) in zip(names, stands, strict=True)
    ]


def _marker(across: Axis, upward: Axis, point: _Point) -> str:
    x, y = _place(across, upward, point)
    low, high = (across.place(value) for value in point.interval)
    shape = _STAR if point.chosen else _ABOVE if point.drop > upward.high else _SQUARE
    outcome, place = point.trial.outcome, f"translate({x:.1f} {y:.1f})"
    return (
        f'<path class="bar {outcome}" d="M{low:.1f} {y:.1f}H{high:.1f}"/>'
        f'<path class="marker {outcome}" d="{shape}" transform="{place}">'
        f"<title>{escape(_about(point.trial))}</title></path>"
    )


def _entry(number: int, trial: Candidate, chosen: str) -> str:
    mark = " (chosen)" if trial.key == chosen else ""
    y = _BOTTOM + 46 + _LINE * number
    return f'<text x="14" y="{y}">{number}{mark}: {escape(_about(trial))}</text>'


def _about(trial: Candidate) -> str:
    if trial.interval is None:
        return f"{trial.name}: {trial.outcome}, {trial.reason}"
    low, high = trial.interval
    drop = "unknown" if trial.auc_drop is None else f"{100 * trial.auc_drop:.2f} points"
    return (
        f"{trial.name}: {trial.ratio:.2f} [{low:.2f}, {high:.2f}], "
        f"AUC drop at most {drop}, {trial.outcome}"
    )
