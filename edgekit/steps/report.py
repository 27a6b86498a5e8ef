"""Describe what a run left, and write the report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import __version__
from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.files import write_whole
from edgekit.machine import machine
from edgekit.metrics import METRICS, plain
from edgekit.results.project import BundleResult, DetectorResult, ProjectResult, SplitResult
from edgekit.signature import Signature
from edgekit.steps import data, exported
from edgekit.steps.detectors import Role, weights_size
from edgekit.steps.pipeline import DESCRIBED, Done
from edgekit.steps.robustness import noted_stress
from edgekit.steps.scores import scored
from edgekit.steps.splits import Split, split_sha256
from edgekit.steps.workspace import Workspace


def gather(space: Workspace, done: Sequence[Done]) -> ProjectResult:
    """Describe what a run left: teacher, student and every bundle with its verdicts.

    Args:
        space: the project's workspace.
        done: of every target; see `pipeline.walk`.

    Returns:
        what `edgekit report` renders. A target that is refused is a row like the others, with its
        `error` and `exit_code`.
    """
    return ProjectResult(
        project=space.project.settings.project.name,
        edgekit=__version__,
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        machine=machine(),
        data={name: _split(space, name) for name in DESCRIBED},
        detectors=tuple(_detectors(space)),
        bundles=tuple(_row(space, each) for each in done),
    )


def write(space: Workspace, results: ProjectResult) -> Path:
    """Write `report/results.json` and `report/index.html`; return the page."""
    from edgekit.report.page import render

    folder = space.project.output / "report"
    results.write(folder / "results.json")
    write_whole(folder / "index.html", render(results).encode())
    return folder / "index.html"


def _row(space: Workspace, done: Done) -> BundleResult:
    if not isinstance(done.bundle, Path):
        refused = exported.refused(space, done.target, None, done.bundle)
        return BundleResult(**dict(refused), verify=done.verify, bench=done.bench)
    relative = done.bundle.relative_to(space.project.base).as_posix()
    described = exported.row(space, done.bundle).model_copy(update={"path": relative})
    return BundleResult(
        **dict(described),
        verify=done.verify,
        bench=done.bench,
        robustness=noted_stress(space, done.bundle),
    )


def _split(space: Workspace, name: Split) -> SplitResult:
    """Describe a split: how many samples, and which of its files are none."""
    found = data.looked_through(space, name)
    return SplitResult(images=found.samples, sha256=split_sha256(space, name), files=found)


def _detectors(space: Workspace) -> list[DetectorResult]:
    """Describe the float Detectors, each by its own Signature."""
    if space.project.settings.teacher is None:
        return [detector_row(space, "student").model_copy(update={"name": "detector"})]
    return [detector_row(space, "teacher"), detector_row(space, "student")]


def detector_row(space: Workspace, role: Role) -> DetectorResult:
    """Measure a float Detector's scores; accuracy is at its own frozen threshold."""
    from edgekit.verification.slices import slice_masks

    scores_of = scored(space, role)
    signature = scores_of.signature
    samples = data.split(space, "test", signature)
    values = scores(scores_of.logits, signature)
    masks = slice_masks([sample.slice for sample in samples.samples], samples.positives)
    measure = partial(_metrics, values, samples, signature)
    return DetectorResult(
        name=role,
        metrics=measure(np.ones(len(values), dtype=np.bool_)),
        slices={part: measure(mask) for part, mask in masks.items()},
        size_bytes=weights_size(space, role),
    )


def _metrics(
    values: NDArray[np.float64], samples: Dataset, signature: Signature, mask: NDArray[np.bool_]
) -> dict[str, float | None]:
    chosen, truth = values[mask], samples.positives[mask]
    return {name: plain(name, chosen, truth, signature.threshold) for name in METRICS}
