"""Recall by class, for detectors with more than two: every artifact, no class left out."""

from dataclasses import dataclass

from edgekit.report.bundles import Json, bundle_name
from edgekit.report.cells import Cell, flips
from edgekit.report.figures import DASH, count, dig, score


@dataclass(frozen=True)
class ClassTable:
    """Names of the classes, and a row for each artifact: its name, class flips, recalls."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def class_table(bundles: list[Json]) -> ClassTable:
    """Lay out recall by class of the artifacts that were judged; empty with two classes."""
    found = {bundle_name(item): item["verify"] for item in bundles if _of(item["verify"])}
    names = tuple(dict.fromkeys(name for each in found.values() for name in _of(each)))
    return ClassTable(names, tuple((bundle, _cells(each, names)) for bundle, each in found.items()))


def _of(verified: Json) -> Json:
    return dig(verified, "classes", "by_class") or {}


def _cells(verified: Json, names: tuple[str, ...]) -> tuple[Cell, ...]:
    changed = flips(dig(verified, "decision", "class_flips")) or Cell(DASH)
    return changed, *(_recall(_of(verified).get(name)) for name in names)


def _recall(figure: Json | None) -> Cell:
    if figure is None or figure["recall"]["artifact"] is None:
        return Cell(DASH)
    before = score(figure["recall"]["reference"])
    changed = f"{count(figure['changed'])} of {count(figure['images'])} images change"
    return Cell(score(figure["recall"]["artifact"]), f"{before} before; {changed}")
