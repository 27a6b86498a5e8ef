"""Describe what a run left, and write the report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import __version__
from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.files import write_json, write_whole
from edgekit.hashes import size_of
from edgekit.machine import machine
from edgekit.signature import Signature
from edgekit.steps import data, export
from edgekit.steps.detectors import Role, weights_of
from edgekit.steps.pipeline import DESCRIBED, Done
from edgekit.steps.robustness import noted_stress
from edgekit.steps.scores import scored
from edgekit.steps.splits import Split, split_sha256
from edgekit.steps.workspace import Workspace


def gather(space: Workspace, done: Sequence[Done]) -> dict[str, Any]:
    """Describe what a run left: teacher, student and every bundle with its verdicts.

    Args:
        space: the project's workspace.
        done: of every target; see `pipeline.run`.

    Returns:
        the JSON that `edgekit report` renders. A target that is refused is a row like the others,
        with its `error` and `exit_code`.
    """
    return {
        "project": space.project.settings.project.name,
        "edgekit": __version__,
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "data": {name: _split(space, name) for name in DESCRIBED},
        "detectors": _detectors(space),
        "bundles": [_row(space, each) for each in done],
    }


def write(space: Workspace, results: dict[str, Any]) -> Path:
    """Write `report/results.json` and `report/index.html`; return the page."""
    from edgekit.report.page import render

    folder = space.project.output / "report"
    write_json(folder / "results.json", results)
    write_whole(folder / "index.html", render(results).encode())
    return folder / "index.html"


def _row(space: Workspace, done: Done) -> dict[str, Any]:
    verdicts = {"verify": done.verify, "bench": done.bench}
    if not isinstance(done.bundle, Path):
        return {**export.refused(space, done.target, None, done.bundle), **verdicts}
    relative = done.bundle.relative_to(space.project.base)
    return {
        **export.row(space, done.bundle),
        "path": relative.as_posix(),
        **verdicts,
        **noted_stress(space, done.bundle),
    }


def _split(space: Workspace, name: Split) -> dict[str, Any]:
    """Describe a split: how many samples, and which of its files are none."""
    found = data.looked_through(space, name)
    return {
        "images": found.samples,
        "sha256": split_sha256(space, name),
        "files": found.to_json(),
    }


def _detectors(space: Workspace) -> list[dict[str, Any]]:
    """Describe the float Detectors, each by its own Signature."""
    if space.project.settings.teacher is None:
        return [{**detector_row(space, "student"), "name": "detector"}]
    return [detector_row(space, "teacher"), detector_row(space, "student")]


def detector_row(space: Workspace, role: Role) -> dict[str, Any]:
    """Measure a float Detector's scores; accuracy is at its own frozen threshold."""
    found = scored(space, role)
    samples = data.split(space, "test", found.signature)
    return {
        "name": role,
        **_metrics(scores(found.logits, found.signature), samples, found.signature),
        "size_bytes": sum(size_of(path) for path in weights_of(space, role)),
    }


def _metrics(values: NDArray[np.float64], samples: Dataset, signature: Signature) -> dict[str, Any]:
    from edgekit.metrics import METRICS, plain
    from edgekit.verify.slices import slice_masks

    def figures(mask: NDArray[np.bool_]) -> dict[str, float]:
        chosen, truth = values[mask], samples.positives[mask]
        return {name: plain(name, chosen, truth, signature.threshold) for name in METRICS}

    names = [sample.slice for sample in samples.samples]
    masks = slice_masks(names, samples.positives)
    return {
        "metrics": figures(np.ones(len(values), dtype=np.bool_)),
        "slices": {name: figures(mask) for name, mask in masks.items()},
    }
