"""Latency over time as an SVG."""

from collections.abc import Sequence
from html import escape
from typing import Any

from edgekit.drawing.axis import Axis
from edgekit.drawing.grid import grid

WIDTH, HEIGHT = 760, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 744, 34, 264
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#1b2027}.grid{stroke:#e4e7ea}"
    ".frame,.line,.bar{fill:none;stroke:#5a6570}.bar{stroke:#9aa5b0;stroke-width:3}"
    ".pass{fill:#2c7a54}.fail{fill:#c43e2c}.inconclusive{fill:#c98a1b}"
    ".unavailable{fill:#9aa5b0}</style>"
)


def picture(entries: Sequence[dict[str, Any]]) -> str:
    """Draw a history.

    Args:
        entries: at least one, in the order of time; see `history.line`.

    Returns:
        an SVG document: the median latency of each measurement, with the interval of its processes;
        the colour is the verdict.
    """
    highest = max(max(entry["p50_ms"], entry["latency_ci95"][1]) for entry in entries)
    across = Axis(0.5, max(2, len(entries)) + 0.5, _LEFT, _RIGHT)
    upward = Axis(0.0, highest * 1.15, _BOTTOM, _TOP)
    title = f"{entries[-1]['bundle']} on {entries[-1]['device']}"
    places = [across.place(number) for number in range(1, len(entries) + 1)]
    parts = [
        grid(_whole(across, len(entries)), upward, "Measurement", "Latency p50, ms"),
        f'<text x="{_LEFT}" y="20">{escape(title)}</text>',
        f'<path class="line" d="{_path(entries, places, upward)}"/>',
        *[_mark(entry, x, upward) for entry, x in zip(entries, places, strict=True)],
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Latency of {escape(title)} over time">{_STYLE}'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


class _Whole(Axis):
    """An axis of counted things: its ticks are whole numbers."""

    def ticks(self) -> list[tuple[float, str]]:
        last = int(self.high)
        step = max(1, -(-last // 10))
        return [(number, str(number)) for number in range(1, last + 1, step)]


def _whole(axis: Axis, count: int) -> Axis:
    return _Whole(axis.low, axis.high, axis.start, axis.end)


def _path(entries: Sequence[dict[str, Any]], places: Sequence[float], upward: Axis) -> str:
    points = [
        f"{x:.1f} {upward.place(entry['p50_ms']):.1f}"
        for entry, x in zip(entries, places, strict=True)
    ]
    return "M" + "L".join(points)


def _mark(entry: dict[str, Any], x: float, upward: Axis) -> str:
    low, high = (upward.place(value) for value in entry["latency_ci95"])
    about = f"{entry['time']}: {entry['p50_ms']:.3f} ms, {entry['verdict']}"
    kind = escape(str(entry["verdict"]))
    return (
        f'<path class="bar" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
        f'<circle class="{kind}" cx="{x:.1f}" cy="{upward.place(entry["p50_ms"]):.1f}" r="5">'
        f"<title>{escape(about)}</title></circle>"
    )
