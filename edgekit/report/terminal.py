"""The table for a terminal."""

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from edgekit.report.cells import Cell
from edgekit.report.rows import COLUMNS, WORDS, build
from edgekit.results.project import ProjectResult
from edgekit.verdict import Verdict

_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.UNAVAILABLE: "dim",
}
_WIDTHS = {"Decisions": len("inconclusive")}
# What fits eighty columns; the page and the Markdown have the rest.
_SHOWN = ("Model", "AUC", "Change of AUC", "Decisions", "Latency p50", "Speed", "Size")


def table(results: ProjectResult) -> Table:
    """Lay out the table of all models; the notes of its missing figures are the caption.

    Args:
        results: what the report is made of.
    """
    made = build(results)
    numbered = (f"{number}. {note}" for number, note in enumerate(made.notes, 1))
    notes = "\n".join([*made.lines, *numbered])
    drawn = Table(
        box=None,
        padding=(0, 2, 0, 0),
        caption=Text(notes) if notes else None,
        caption_justify="left",
    )
    for name in _SHOWN:
        justify: JustifyMethod = "left" if name in WORDS else "right"
        drawn.add_column(name, justify=justify, overflow="fold", min_width=_WIDTHS.get(name))
    for row in made.rows:
        cells = dict(zip(COLUMNS, row.cells, strict=True))
        drawn.add_row(*[_text(cells[name]) for name in _SHOWN])
    return drawn


def _text(cell: Cell) -> Text:
    text = Text(cell.text, style=_STYLES[cell.verdict] if cell.verdict else "")
    if cell.note:
        text.append(f" ({cell.note})", style="dim")
    if cell.verdict and cell.detail:
        text.append(f"\n{cell.detail}", style="dim")
    return text
