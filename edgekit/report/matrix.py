"""AUC by disturbance and slice, as an SVG: the artifact's, coloured by how much it lost."""

from collections.abc import Mapping
from html import escape

from edgekit.disturbances import DISTURBANCES
from edgekit.results.matrix import ALL, Cell, Matrix
from edgekit.verdict import Verdict

ORDER = ("none", *DISTURBANCES)
_NAMES, _HEAD, _WIDTH, _HEIGHT = 130, 34, 92, 26
# From no loss to this many points of AUC the colour goes from pale to full.
_FULL = 0.05
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#1b2027}.name{text-anchor:end}"
    ".head,.cell{text-anchor:middle}.fail{font-weight:bold}</style>"
)
_LOST, _GAINED = (196, 62, 44), (44, 122, 84)


def picture(found: Matrix, title: str) -> str:
    """Draw a robustness matrix.

    Args:
        found: as `robustness.matrix` returns it.
        title: for readers of the page by ear.

    Returns:
        an SVG document: disturbances downward, slices across; in each cell the artifact's AUC, red
        where it is below the reference's, green where it is above. A verdict that failed is bold.
    """
    # JSON files keep their keys in alphabetical order; a sweep is read from weak to strong.
    found = {name: found[name] for name in ORDER if name in found}
    columns = list(dict.fromkeys(key for cells in found.values() for key in cells))
    width, height = _NAMES + _WIDTH * len(columns) + 8, _HEAD + _HEIGHT * (len(found) + 1) + 8
    heads = [
        f'<text class="head" x="{_x(place) + _WIDTH / 2}" y="{_HEAD - 10}">{escape(name)}</text>'
        for place, name in enumerate(columns)
    ]
    rows = [_row(place, name, cells, columns) for place, (name, cells) in enumerate(found.items())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}">{_STYLE}<rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(heads)}{''.join(rows)}{_caption(found, height)}</svg>\n"
    )


def _caption(found: Matrix, height: int) -> str:
    earned = [cells[ALL].evidence for cells in found.values() if ALL in cells]
    words = {word for word in earned if word is not None}
    text = f"AUC of the artifact, evidence {', '.join(sorted(words))}"
    return f'<text x="8" y="{height - 12}">{escape(text)}</text>'


def _row(place: int, name: str, cells: Mapping[str, Cell], columns: list[str]) -> str:
    y = _HEAD + _HEIGHT * place
    parts = [f'<text class="name" x="{_NAMES - 8}" y="{y + 17}">{escape(name)}</text>']
    parts += [_cell(_x(at), y, cells[key]) for at, key in enumerate(columns) if key in cells]
    return "".join(parts)


def _cell(x: float, y: float, cell: Cell) -> str:
    before, after = cell.reference, cell.artifact
    if before is None or after is None:
        return f'<text class="cell" x="{x + _WIDTH / 2}" y="{y + 17}">no value</text>'
    mark = "cell fail" if cell.verdict is Verdict.FAIL else "cell"
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH - 2}" height="{_HEIGHT - 2}" '
        f'fill="{_colour(after - before)}"/>'
        f'<text class="{mark}" x="{x + _WIDTH / 2}" y="{y + 17}">{after:.4f}'
        f"<title>reference {before:.4f}, change {after - before:+.4f}</title></text>"
    )


def _x(column: int) -> float:
    return _NAMES + _WIDTH * column


def _colour(change: float) -> str:
    """Mix white with red or green, by how much was lost or gained."""
    part = 0.75 * min(1.0, abs(change) / _FULL)
    tone = _LOST if change < 0 else _GAINED
    mixed = (round(255 + part * (channel - 255)) for channel in tone)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
