"""The frame of a plot: grid lines, what is written at them, and what the axes show."""

from edgekit.drawing.axis import Axis

Ticks = list[tuple[float, str]]


def grid(across: Axis, upward: Axis, right: str, up: str, ticks: Ticks | None = None) -> str:
    """Draw grid and frame as elements of an SVG.

    Args:
        across: from the left edge to the right one.
        upward: from the bottom edge to the top one.
        right: title of the axis across.
        up: title of the axis upward.
        ticks: values upward and how they are written, where the axis' own do not serve.
    """
    left, far, bottom, top = across.start, across.end, upward.start, upward.end
    parts = [_column(across.place(value), top, bottom, text) for value, text in across.ticks()]
    rows = upward.ticks() if ticks is None else ticks
    parts += [_row(upward.place(value), left, far, text) for value, text in rows]
    return (
        f'{"".join(parts)}<path class="frame" d="M{left} {top}V{bottom}H{far}"/>'
        f'<text class="title" x="{(left + far) / 2}" y="{bottom + 38}" text-anchor="middle">'
        f'{right}</text><text class="title" transform="translate(14 {(top + bottom) / 2}) '
        f'rotate(-90)" text-anchor="middle">{up}</text>'
    )


def _column(x: float, top: float, bottom: float, text: str) -> str:
    return (
        f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
        f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{text}</text>'
    )


def _row(y: float, left: float, far: float, text: str) -> str:
    return (
        f'<path class="grid" d="M{left} {y:.1f}H{far}"/>'
        f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )
