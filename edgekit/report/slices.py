"""AUC by slice: every model against every slice, no cell left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgekit.report.numbers import DASH, score
from edgekit.results.decision import Slice
from edgekit.results.project import BundleResult, DetectorResult, ProjectResult
from edgekit.results.unmeasured import Unmeasured


@dataclass(frozen=True)
class Column:
    """A column: a slice's name, its images and groups if known, whether training never saw it."""

    name: str
    images: int | None
    groups: int | None
    unseen: bool


@dataclass(frozen=True)
class SliceMatrix:
    """Columns, and a row for each model: its name and (text, depth of colour 0..1) by column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def slice_matrix(results: ProjectResult) -> SliceMatrix:
    """Lay out AUC by slice; slices that training never saw stand last."""
    models = [(item.name, _of_detector(item)) for item in results.detectors]
    models += [(item.name, _of_bundle(item)) for item in results.bundles]
    found = [pair for bundle in results.bundles for pair in _slices(bundle).items()]
    parts = dict(found)
    unseen = {name for name, part in found if part.seen is False}
    names = sorted({name for _, cells in models for name in cells}, key=lambda n: (n in unseen, n))
    return SliceMatrix(
        tuple(_column(name, parts.get(name), name in unseen) for name in names),
        tuple((model, tuple(_cell(cells.get(name)) for name in names)) for model, cells in models),
    )


def _column(name: str, part: Slice | None, unseen: bool) -> Column:
    if part is None:
        return Column(name, None, None, unseen)
    return Column(name, part.images, part.groups, unseen)


def _slices(bundle: BundleResult) -> Mapping[str, Slice]:
    return {} if isinstance(bundle.verify, Unmeasured) else bundle.verify.decision.slices


def _of_detector(detector: DetectorResult) -> dict[str, float | None]:
    return {name: metrics.get("auc") for name, metrics in detector.slices.items()}


def _of_bundle(bundle: BundleResult) -> dict[str, float | None]:
    return {name: part.auc.artifact for name, part in _slices(bundle).items()}


def _cell(value: float | None) -> tuple[str, float]:
    """Write an AUC; the colour deepens from 1 (none) to a coin's 0.5."""
    return (DASH, 0.0) if value is None else (score(value), min(1.0, max(0.0, 2 * (1 - value))))
