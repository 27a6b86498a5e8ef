"""The table as Markdown, for a README or a pull request."""

from collections.abc import Iterable

from edgekit.report.cells import Cell
from edgekit.report.rows import COLUMNS, WORDS, build
from edgekit.results.project import ProjectResult


def table(results: ProjectResult) -> str:
    """Write the table of all models, what is true of all, the notes of its missing figures.

    Args:
        results: what the report is made of.
    """
    made = build(results)
    rules = [":--" if name in WORDS else "--:" for name in COLUMNS]
    lines = [_line(COLUMNS), _line(rules)]
    lines += [_line([_text(cell) for cell in row.cells]) for row in made.rows]
    notes = [f"{number}. {_escape(note)}" for number, note in enumerate(made.notes, 1)]
    about = [part for line in made.lines for part in ("", f"{_escape(line)}.")]
    return "\n".join([*lines, *about, *([""] if notes else []), *notes]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(cell: Cell) -> str:
    text = f"**{cell.text}**" if cell.verdict else _escape(cell.text)
    number = f"<sup>{cell.note}</sup>" if cell.note else ""
    detail = f"<sub>{_escape(cell.detail)}</sub>" if cell.detail and text else _escape(cell.detail)
    return "<br>".join(part for part in (text + number, detail) if part)


def _escape(text: str) -> str:
    """Keep a name or reason from ending the cell or starting markup."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\`*_[]|":
        text = text.replace(mark, f"\\{mark}")
    return text
