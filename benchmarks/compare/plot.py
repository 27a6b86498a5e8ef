"""AUC drop against latency, a panel for each student, as an SVG of its own."""

from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from benchmarks.peers.peer import TITLES
from edgekit.drawing.axis import Axis
from edgekit.drawing.grid import grid

COLUMNS, WIDTH, HEIGHT = 2, 460, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 30, 46
_HEAD = 34
# A drop below this is drawn at it: the axis is logarithmic, and gains and nothing look alike.
_LEAST, _MOST = 1e-4, 0.5
_COLOURS = {"onnxruntime": "#2a6fb0", "openvino": "#5b4aa0", "litert": "#c7622b"}
_STYLE = (
    "text{font:11px sans-serif;fill:#333}.student{font-weight:bold;font-size:12px}"
    ".grid{stroke:#e4e4e4;fill:none}.frame{stroke:#999;fill:none}"
    ".budget{stroke:#2e8b57;stroke-dasharray:5 3}.peer{fill-opacity:.12;stroke-width:1.4}"
    ".own{stroke:#111;stroke-width:1.4}"
)


class Point(NamedTuple):
    """One mark: milliseconds with one thread, and how much AUC was lost."""

    runtime: str
    peer: str
    own: bool
    ms: float
    drop: float


def picture(results: dict[str, Any]) -> str:
    """Draw the results of the peer benchmark.

    Args:
        results: its JSON; students without rows have no panel.

    Returns:
        an SVG document. Filled marks are edgekit's, open ones a peer's; the one-thread latency is
        across, and the dashed line is the budget.
    """
    budget = results["budget"]["auc_drop"]
    students = {
        name: list(points(found["runtimes"]))
        for name, found in results["students"].items()
        if "runtimes" in found
    }
    panels = [
        f'<g transform="translate({WIDTH * (index % COLUMNS)} '
        f'{_HEAD + HEIGHT * (index // COLUMNS)})">{panel(name, found, budget)}</g>'
        for index, (name, found) in enumerate(item for item in students.items() if item[1])
    ]
    height = _HEAD + HEIGHT * max(1, -(-len(panels) // COLUMNS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * COLUMNS} {height}" '
        f'role="img" aria-label="AUC drop against latency for each student">'
        f"<style>{_STYLE}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>{_legend()}{"".join(panels)}</svg>\n'
    )


def points(runtimes: dict[str, list[dict[str, Any]]]) -> Iterator[Point]:
    """Yield what was timed and judged."""
    for runtime, rows in runtimes.items():
        for row in rows:
            timed = row["latency"].get("1")
            if row["error"] or timed is None or row["decision"]["auc"]["delta"] is None:
                continue
            drop = -row["decision"]["auc"]["delta"]
            yield Point(runtime, row["peer"], row["own"], timed["p50_ms"], drop)


def panel(name: str, found: list[Point], budget: float) -> str:
    """Draw one student."""
    times = [point.ms for point in found]
    across = Axis(min(times) / 1.3, max(times) * 1.3, _LEFT, WIDTH - _RIGHT, logarithmic=True)
    upward = Axis(_LEAST / 1.5, _MOST, HEIGHT - _BOTTOM, _TOP, logarithmic=True)
    line = upward.place(budget)
    frame = grid(across, upward, "ms, 1 thread", "AUC drop, points", _ticks())
    marks = [_mark(point, across, upward) for point in sorted(found, key=lambda point: point.own)]
    return (
        f'<text class="student" x="{_LEFT}" y="{_TOP - 9}">{escape(name)}</text>'
        f"{frame}"
        f'<path class="budget" d="M{_LEFT} {line:.1f}H{WIDTH - _RIGHT}"/>{"".join(marks)}'
    )


def _mark(point: Point, across: Axis, upward: Axis) -> str:
    x, y = across.place(point.ms), upward.place(min(max(point.drop, _LEAST), _MOST))
    about = f"{TITLES[point.runtime]} {point.peer}: {point.ms:.3g} ms, AUC drop {point.drop:+.4f}"
    return _circle(x, y, point.runtime, point.own, about)


def _circle(x: float, y: float, runtime: str, own: bool, about: str = "") -> str:
    colour = _COLOURS[runtime]
    look = (
        f'class="own" fill="{colour}"' if own else f'class="peer" stroke="{colour}" fill="{colour}"'
    )
    title = f"<title>{escape(about)}</title>" if about else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{6 if own else 4.5}" {look}>{title}</circle>'


def _ticks() -> list[tuple[float, str]]:
    decades = (1e-4, 1e-3, 1e-2, 1e-1)
    return [(value, f"{'≤ ' if value == _LEAST else ''}{100 * value:g}") for value in decades]


def _legend() -> str:
    parts, x = [], _LEFT
    for runtime, title in TITLES.items():
        for own, whose in ((True, "edgekit"), (False, "a peer")):
            parts.append(_circle(x, 16, runtime, own))
            parts.append(f'<text x="{x + 11}" y="20">{title}, {whose}</text>')
            x += 160
    parts.append(f'<path class="budget" d="M{x} 16h26"/><text x="{x + 32}" y="20">budget</text>')
    return "".join(parts)
