"""The one table behind the page, the Markdown and the terminal: teacher, student, every artifact.

A cell without a figure is an em dash with the number of a note that says why; so is a verdict that
is no pass. Each group of figures carries its own verdict and its own evidence.
"""

from dataclasses import dataclass, field

from edgekit.report.bundles import (
    VERDICTS,
    Json,
    bundle_name,
    decisions_of,
    reasons_of,
    speed_of,
)
from edgekit.report.cells import Cell, delta, flips, latency, ratio
from edgekit.report.figures import DASH, count, dig, score, size

COLUMNS = (
    "Model",
    "AUC",
    "AP",
    "Accuracy",
    "Change of AUC",
    "Flips",
    "Decisions",
    "Latency p50",
    "Ratio",
    "Speed",
    "Size",
)
WORDS = frozenset({"Model", "Decisions", "Speed"})  # set to the left, figures to the right


@dataclass(frozen=True)
class Row:
    """One model: `cells` in the order of `COLUMNS`."""

    kind: str
    cells: tuple[Cell, ...]


@dataclass
class Table:
    """Rows and the notes that their cells point to."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def missing(self, reason: str) -> Cell:
        """Make the cell of a figure that is not there; equal reasons share a note."""
        if reason not in self.notes:
            self.notes.append(reason)
        return Cell(DASH, note=self.notes.index(reason) + 1)


def build(results: Json) -> Table:
    """Lay out `results` as rows: detectors first, bundles in the order given."""
    table = Table()
    for detector in results["detectors"]:
        table.rows.append(_detector_row(table, detector))
    for bundle in results["bundles"]:
        table.rows.append(_bundle_row(table, bundle))
    return table


def _detector_row(table: Table, detector: Json) -> Row:
    found = [dig(detector, "metrics", name) for name in ("auc", "ap", "accuracy")]
    metrics = [
        table.missing(f"{detector['name']}: not measured") if value is None else Cell(score(value))
        for value in found
    ]
    parameters = detector.get("parameters")
    about = f"float; {count(parameters)} parameters" if parameters else "float"
    blank = [Cell("")] * (len(COLUMNS) - len(metrics) - 2)
    cells = (Cell(detector["name"], about), *metrics, *blank, _size(table, detector))
    return Row("detector", cells)


def _bundle_row(table: Table, bundle: Json) -> Row:
    built = bundle.get("evidence")
    about = f"{bundle['runtime']}; {f'build: {built}' if built else 'not built'}"
    if "search" in bundle:
        about += "; " + bundle["search"]["chosen"].replace(", ", "; ")
    return Row(
        "artifact",
        (
            Cell(bundle_name(bundle), about),
            *_decision_cells(table, bundle),
            *_speed_cells(table, bundle),
            _size(table, bundle),
        ),
    )


def _decision_cells(table: Table, bundle: Json) -> list[Cell]:
    found = decisions_of(bundle)
    decision, none = found.get("decision") or {}, f"Decisions: {_why(found)}"
    metrics = [dig(decision, name, "artifact") for name in ("auc", "ap", "accuracy")]
    return [
        *[table.missing(none) if value is None else Cell(score(value)) for value in metrics],
        delta(decision.get("auc")) or table.missing(none),
        flips(decision.get("flips"), decision.get("class_flips")) or table.missing(none),
        _judgement(table, found, none),
    ]


def _speed_cells(table: Table, bundle: Json) -> list[Cell]:
    found = speed_of(bundle)
    none, timed = f"Speed: {_why(found)}", latency(found)
    alone = "Ratio: nothing to compare with" if timed else none
    return [
        timed or table.missing(none),
        ratio(found.get("against")) or table.missing(alone),
        _judgement(table, found, none),
    ]


def _why(part: Json) -> str:
    return "; ".join(reasons_of(part)) or "no figure was recorded"


def _judgement(table: Table, part: Json, none: str) -> Cell:
    verdict = part["verdict"]
    note = None if verdict == "pass" else table.missing(none).note
    return Cell(VERDICTS[verdict], part.get("evidence") or "", verdict, note)


def _size(table: Table, item: Json) -> Cell:
    value = item.get("size_bytes")
    return table.missing("Size: nothing was built") if value is None else Cell(size(value))
