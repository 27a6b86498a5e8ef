"""Gather what is known about the project's bundles and write the report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import __version__
from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.errors import EdgekitError
from edgekit.files import write_whole
from edgekit.hashes import size_of
from edgekit.machine import machine
from edgekit.metrics import METRICS, plain
from edgekit.results.measurement import Measured
from edgekit.results.run import BundleResult, DetectorResult, RunResult, SplitResult, not_built
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verified
from edgekit.signature import Signature
from edgekit.steps import bench, data, detectors, export, verify
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named
from edgekit.verdict import Verdict

_NO_LATENCY = "what runs the artifact here is not the target's runtime, so its speed says nothing"
_SHOWN: tuple[data.Split, ...] = ("test", "calibration")


def gather(space: Workspace) -> RunResult:
    """Collect the results of teacher, student and every bundle, doing what is not done yet.

    Returns:
        what `edgekit report` renders. A target that is refused is a row like the others, with its
        `error` and `exit_code`.
    """
    made = export.export_each(space, list(space.project.settings.targets))
    rows = [_row(space, name, found) for name, found in made.items()]
    folders = [found for found in made.values() if isinstance(found, Path)]
    signature = _signature(space, folders)
    return RunResult(
        project=space.project.settings.project.name,
        edgekit=__version__,
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        machine=machine(),
        data={name: _split(space, name, signature) for name in _SHOWN},
        detectors=tuple(_detectors(space, signature)),
        bundles=tuple(rows),
    )


def write(space: Workspace, results: RunResult) -> Path:
    """Write `report/results.json` and `report/index.html`; return the page."""
    from edgekit.report.page import render

    folder = space.project.output / "report"
    results.write(folder / "results.json")
    write_whole(folder / "index.html", render(results).encode())
    return folder / "index.html"


def _row(space: Workspace, name: str, found: Path | EdgekitError) -> BundleResult:
    if isinstance(found, Path):
        return _bundle(space, found)
    nothing, refused = not_built(str(found)), export.refused(space, name, None, found)
    return BundleResult(**dict(refused), verify=nothing, bench=nothing)


def _bundle(space: Workspace, folder: Path) -> BundleResult:
    verified, described = verify.noted_verify(space, folder), export.row(space, folder)
    relative = folder.relative_to(space.project.base).as_posix()
    return BundleResult(
        **dict(described.model_copy(update={"path": relative})),
        verify=verified,
        bench=_measured(space, folder, described.target, verified),
        robustness=verify.noted_stress(space, folder),
    )


def _measured(space: Workspace, folder: Path, target: str, verified: Verified) -> Measured:
    """Bench a bundle, unless a time taken here would say nothing of it."""
    if isinstance(verified, Unmeasured) and verified.verdict is Verdict.UNAVAILABLE:
        return verified
    if not target_named(target).evidence.timed:
        return Unmeasured.unavailable(_NO_LATENCY)
    return bench.noted_bench(space, folder)


def _split(space: Workspace, name: data.Split, signature: Signature) -> SplitResult:
    """Describe a split: how many samples, and which of its files are none."""
    found = data.looked_through(space, name, signature)
    sha256 = data.split_sha256(space, name)
    return SplitResult(images=found.samples, sha256=sha256, files=found)


def _signature(space: Workspace, folders: Sequence[Path]) -> Signature:
    """Return the student's Signature; a bundle's manifest saves loading the student for it."""
    from edgekit.manifest import read_manifest

    return read_manifest(folders[0]).signature if folders else detectors.student(space).signature


def _detectors(space: Workspace, signature: Signature) -> list[DetectorResult]:
    """Describe the float Detectors, which have the same classes."""
    samples = data.split(space, "test", signature)
    found = []
    table = space.project.settings.teacher
    if table is not None:
        # Some kinds state these in the table itself, others in its signature.
        stated = {**table, **table.get("signature", {})}
        own = signature.with_threshold(float(stated.get("threshold", 0.5)))
        own = own.model_copy(update={"output": stated.get("output", "logits")})
        found.append(_detector(space, "teacher", own, samples))
    name = "detector" if table is None else "student"
    student = _detector(space, "student", signature, samples)
    return [*found, student.model_copy(update={"name": name})]


def _detector(
    space: Workspace, name: str, signature: Signature, samples: Dataset
) -> DetectorResult:
    """Measure a float Detector's scores; accuracy is at its own frozen threshold."""
    from edgekit.verify.slices import slice_masks

    values = scores(detectors.test_logits(space, name), signature)
    whole = np.ones(len(values), dtype=np.bool_)
    masks = slice_masks([sample.slice for sample in samples.samples], samples.positives)
    measure = partial(_metrics, values, samples, signature)
    return DetectorResult(
        name=name,
        metrics=measure(whole),
        slices={part: measure(mask) for part, mask in masks.items()},
        size_bytes=sum(size_of(path) for path in _weights(space, name)),
    )


def _weights(space: Workspace, name: str) -> list[Path]:
    """List the files that a float Detector is loaded from."""
    from edgekit.detectors.sources import source_files

    settings = space.project.settings
    if name == "student" and settings.detector is None:
        return [detectors.student_folder(space)]
    found = source_files(settings.teacher or settings.detector or {}, space.project.base)
    inner = {path for path in found if any(other in path.parents for other in found)}
    return [path for path in found if path not in inner]


def _metrics(
    values: NDArray[np.float64], samples: Dataset, signature: Signature, mask: NDArray[np.bool_]
) -> dict[str, float | None]:
    chosen, truth = values[mask], samples.positives[mask]
    return {name: plain(name, chosen, truth, signature.threshold) for name in METRICS}
