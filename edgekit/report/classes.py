"""Recall by class, for detectors with more than two: every artifact, no class left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgekit.report.cells import Cell, flips
from edgekit.report.numbers import DASH, count, score
from edgekit.results.classes import OfClass
from edgekit.results.project import BundleResult
from edgekit.results.verification import Verification


@dataclass(frozen=True)
class ClassTable:
    """Names of the classes, and a row for each artifact: its name, class flips, recalls."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def class_table(bundles: Sequence[BundleResult]) -> ClassTable:
    """Lay out recall by class of the artifacts that were judged; empty with two classes."""
    found = [(bundle.name, bundle.verify) for bundle in bundles]
    judged = [(name, each) for name, each in found if isinstance(each, Verification)]
    rows = [(name, each, each.classes.by_class) for name, each in judged if each.classes]
    names = tuple(dict.fromkeys(name for _, _, classes in rows for name in classes))
    return ClassTable(
        names, tuple((bundle, _cells(each, classes, names)) for bundle, each, classes in rows)
    )


def _cells(
    verified: Verification, classes: Mapping[str, OfClass], names: Sequence[str]
) -> tuple[Cell, ...]:
    changed = flips(verified.decision.class_flips) or Cell(DASH)
    return changed, *(_recall(classes.get(name)) for name in names)


def _recall(figure: OfClass | None) -> Cell:
    if figure is None or figure.recall.reference is None or figure.recall.artifact is None:
        return Cell(DASH)
    before = score(figure.recall.reference)
    changed = f"{count(figure.changed)} of {count(figure.images)} images change"
    return Cell(score(figure.recall.artifact), f"{before} before; {changed}")
