"""The one table behind the page, the Markdown and the terminal: teacher, student, every artifact.

A cell without a figure is an em dash with the number of a note that says why; so is a verdict that
is no pass. Each group of figures carries its own verdict and its own evidence.
"""

from dataclasses import dataclass, field

from edgekit.report.bundles import VERDICTS, Part, decisions_of, reasons_of, speed_of
from edgekit.report.cells import Cell, change, flips, latency, ratio
from edgekit.report.groups import groups_lines
from edgekit.report.numbers import DASH, score, size
from edgekit.results.project import BundleResult, DetectorResult, ProjectResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.verdict import Verdict

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
SCORES = ("auc", "ap", "accuracy")  # the columns that have a metric itself
WORDS = frozenset({"Model", "Decisions", "Speed"})  # set to the left, figures to the right


@dataclass(frozen=True)
class Row:
    """One model: `cells` in the order of `COLUMNS`."""

    kind: str
    cells: tuple[Cell, ...]


@dataclass
class Table:
    """Rows, the notes that their cells point to, and lines about all of them."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def missing(self, reason: str) -> Cell:
        """Make the cell of a figure that is not there; equal reasons share a note."""
        if reason not in self.notes:
            self.notes.append(reason)
        return Cell(DASH, note=self.notes.index(reason) + 1)


def build(results: ProjectResult) -> Table:
    """Lay out `results` as rows: detectors first, bundles in the order given."""
    table = Table(lines=groups_lines(results.bundles))
    for detector in results.detectors:
        table.rows.append(_detector_row(table, detector))
    for bundle in results.bundles:
        table.rows.append(_bundle_row(table, bundle))
    return table


def _detector_row(table: Table, detector: DetectorResult) -> Row:
    found = [detector.metrics.get(name) for name in SCORES]
    metrics = [
        table.missing(f"{detector.name}: not measured") if value is None else Cell(score(value))
        for value in found
    ]
    blank = [Cell("")] * (len(COLUMNS) - len(metrics) - 2)
    cells = (
        Cell(detector.name, "float"),
        *metrics,
        *blank,
        _size(table, detector.size_bytes, "the weights are in no file of the project"),
    )
    return Row("detector", cells)


def _bundle_row(table: Table, bundle: BundleResult) -> Row:
    built = f"build: {bundle.evidence}" if bundle.evidence else "not built"
    about = f"{bundle.runtime}; {built}"
    if bundle.search is not None:
        about += "; " + bundle.search.chosen.replace(", ", "; ")
    return Row(
        "artifact",
        (
            Cell(bundle.name, about),
            *_decision_cells(table, bundle),
            *_speed_cells(table, bundle),
            _size(table, bundle.size_bytes, "nothing was built"),
        ),
    )


def _decision_cells(table: Table, bundle: BundleResult) -> list[Cell]:
    found = decisions_of(bundle)
    none = f"Decisions: {_why(found)}"
    if isinstance(found, Unmeasured):
        return [*[table.missing(none)] * (len(SCORES) + 2), _judgement(table, found, none)]
    decision = found.decision
    metrics = [decision.figures[name].artifact for name in SCORES]
    return [
        *[table.missing(none) if value is None else Cell(score(value)) for value in metrics],
        change(decision.auc, found.groups) or table.missing(none),
        flips(decision.flips, decision.class_flips) or table.missing(none),
        _judgement(table, found, none),
    ]


def _speed_cells(table: Table, bundle: BundleResult) -> list[Cell]:
    found = speed_of(bundle)
    none, timed = f"Speed: {_why(found)}", latency(found)
    alone = "Ratio: nothing to compare with" if timed else none
    return [
        timed or table.missing(none),
        ratio(found) or table.missing(alone),
        _judgement(table, found, none),
    ]


def _why(part: Part) -> str:
    return "; ".join(reasons_of(part)) or "no figure was recorded"


def _judgement(table: Table, part: Part, none: str) -> Cell:
    note = None if part.verdict is Verdict.PASS else table.missing(none).note
    evidence = "" if isinstance(part, Unmeasured) else part.evidence
    return Cell(VERDICTS[part.verdict], evidence, part.verdict, note)


def _size(table: Table, value: int | None, none: str) -> Cell:
    return table.missing(f"Size: {none}") if value is None else Cell(size(value))
