"""AUC by slice: every model against every slice, no cell left out."""

from dataclasses import dataclass

from edgekit.report.bundles import Json, bundle_name
from edgekit.report.figures import DASH, dig, score


@dataclass(frozen=True)
class Slice:
    """A column: a slice's name, its images if known, and whether training never saw it."""

    name: str
    images: int | None
    unseen: bool


@dataclass(frozen=True)
class SliceMatrix:
    """Columns, and a row for each model: its name and (text, depth of colour 0..1) by column."""

    columns: tuple[Slice, ...]
    rows: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def slice_matrix(results: Json) -> SliceMatrix:
    """Lay out AUC by slice; slices that training never saw stand last."""
    models = [(item["name"], _of_detector(item)) for item in results["detectors"]]
    models += [(bundle_name(item), _of_bundle(item)) for item in results["bundles"]]
    images, unseen = _images(results["bundles"]), _unseen(results["bundles"])
    names = sorted({name for _, cells in models for name in cells}, key=lambda n: (n in unseen, n))
    return SliceMatrix(
        tuple(Slice(name, images.get(name), name in unseen) for name in names),
        tuple((model, tuple(_cell(cells.get(name)) for name in names)) for model, cells in models),
    )


def _unseen(bundles: list[Json]) -> set[str]:
    """Name the slices that are not in the training set."""
    return {
        name
        for bundle in bundles
        for name, cell in (dig(bundle, "verify", "decision", "slices") or {}).items()
        if cell.get("seen") is False
    }


def _of_detector(detector: Json) -> dict[str, float | None]:
    return {name: dig(cell, "auc") for name, cell in (detector.get("slices") or {}).items()}


def _of_bundle(bundle: Json) -> dict[str, float | None]:
    cells = dig(bundle, "verify", "decision", "slices") or {}
    return {name: dig(cell, "auc", "artifact") for name, cell in cells.items()}


def _images(bundles: list[Json]) -> dict[str, int]:
    return {
        name: cell["images"]
        for bundle in bundles
        for name, cell in (dig(bundle, "verify", "decision", "slices") or {}).items()
    }


def _cell(value: float | None) -> tuple[str, float]:
    """Write an AUC; the colour deepens from 1 (none) to a coin's 0.5."""
    return (DASH, 0.0) if value is None else (score(value), min(1.0, max(0.0, 2 * (1 - value))))
