"""AUC against latency as an inline SVG."""

from collections.abc import Sequence
from html import escape

from edgekit.drawing.axis import Axis, latency_axis, score_axis
from edgekit.drawing.grid import grid
from edgekit.drawing.labels import place_labels
from edgekit.evidence import Evidence
from edgekit.report.points import Point

WIDTH, HEIGHT = 760, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 744, 14, 344
NAMED = 12  # more points than this carry numbers
_SHAPES = {
    Evidence.DEVICE: "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z",
    Evidence.EMULATED: "M0 -7.5L7.5 0L0 7.5L-7.5 0Z",
    Evidence.HOST: "M-5.5 -5.5H5.5V5.5H-5.5Z",
    Evidence.REFERENCE: "M0 -7L7 5.5H-7Z",
    Evidence.COMPILED: "M-5.5 -5.5L5.5 5.5M-5.5 5.5L5.5 -5.5",
}


def scatter(points: Sequence[Point], reference: float | None) -> str:
    """Draw the points with their intervals; the marker's shape is the evidence.

    Args:
        points: at least one.
        reference: AUC to draw as a line across, the student's.
    """
    scores = [value for point in points for value in (point.auc, *point.interval)]
    across = latency_axis([point.latency for point in points], _LEFT, _RIGHT)
    upward = score_axis([*scores, *([reference] if reference is not None else [])], _BOTTOM, _TOP)
    places = [(across.place(point.latency), upward.place(point.auc)) for point in points]
    scale = ", logarithmic" if across.logarithmic else ""
    parts = [
        grid(across, upward, f"Latency p50, ms{scale} (left is faster)", "AUC (up is better)"),
        *([_line(upward, reference)] if reference is not None else []),
        *[_bar(across, upward, point) for point in points],
        *[_marker(point, place) for point, place in zip(points, places, strict=True)],
        *_names(_labels(points), places),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" class="plot" '
        'aria-label="AUC against latency; every figure is in the table above">'
        f"{''.join(parts)}</svg>"
    )


def _labels(points: Sequence[Point]) -> list[str]:
    """Return what stands beside each point: its name, or its number where names would crowd."""
    if len(points) <= NAMED:
        return [point.caption for point in points]
    return [str(number) for number in range(1, len(points) + 1)]


def marker(evidence: Evidence) -> str:
    """Draw one marker alone, for the legend."""
    return (
        '<svg class="key" viewBox="-9 -9 18 18" aria-hidden="true">'
        f'<path class="marker" d="{_SHAPES[evidence]}"/></svg>'
    )


def _line(upward: Axis, reference: float) -> str:
    y = upward.place(reference)
    return (
        f'<path class="reference" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
        f'<text class="note" x="{_RIGHT}" y="{y - 5:.1f}" text-anchor="end">student, float</text>'
    )


def _names(names: list[str], places: list[tuple[float, float]]) -> list[str]:
    stands = place_labels(names, places, (_LEFT, _TOP, _RIGHT, _BOTTOM))
    return [
        f'<text class="name" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(name)}</text>'
        for name, (x, y, anchor) in zip(names, stands, strict=True)
    ]


def _bar(across: Axis, upward: Axis, point: Point) -> str:
    x = across.place(point.latency)
    low, high = (upward.place(value) for value in point.interval)
    path = f"M{x:.1f} {low:.1f}V{high:.1f}M{x - 4:.1f} {low:.1f}h8M{x - 4:.1f} {high:.1f}h8"
    return f'<path class="bar {point.verdict}" d="{path}"/>'


def _marker(point: Point, place: tuple[float, float]) -> str:
    about = (
        f"{point.name}: AUC {point.auc:.4f}, {point.latency:.3g} ms, "
        f"evidence {point.evidence}, decisions {point.verdict}"
    )
    x, y = place
    return (
        f'<path class="marker {point.verdict}" d="{_SHAPES[point.evidence]}" '
        f'transform="translate({x:.1f} {y:.1f})"><title>{escape(about)}</title></path>'
    )
