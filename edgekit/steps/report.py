"""Gather what is known about the project's bundles and write the report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import __version__
from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.errors import EdgekitError
from edgekit.files import write_json, write_whole
from edgekit.hashes import size_of
from edgekit.machine import machine
from edgekit.signature import Signature
from edgekit.steps import bench, data, detectors, export, verify
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named

_NO_LATENCY = "what runs the artifact here is not the target's runtime, so its speed says nothing"


def gather(space: Workspace) -> dict[str, Any]:
    """Collect the results of teacher, student and every bundle, doing what is not done yet.

    Returns:
        the JSON that `edgekit report` renders. A target that is refused is a row like the others,
        with its `error` and `exit_code`.
    """
    made = export.export_each(space, list(space.project.settings.targets))
    rows = [_row(space, name, found) for name, found in made.items()]
    folders = [found for found in made.values() if isinstance(found, Path)]
    signature = _signature(space, folders)
    return {
        "project": space.project.settings.project.name,
        "edgekit": __version__,
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "data": {name: _split(space, name, signature) for name in ("test", "calibration")},
        "detectors": _detectors(space, signature),
        "bundles": rows,
    }


def write(space: Workspace, results: dict[str, Any]) -> Path:
    """Write `report/results.json` and `report/index.html`; return the page."""
    from edgekit.report.page import render

    folder = space.project.output / "report"
    write_json(folder / "results.json", results)
    write_whole(folder / "index.html", render(results).encode())
    return folder / "index.html"


def _row(space: Workspace, name: str, found: Path | EdgekitError) -> dict[str, Any]:
    if isinstance(found, Path):
        return _bundle(space, found)
    nothing = {"verdict": "unavailable", "reason": f"not built: {found}"}
    return {**export.refused(space, name, None, found), "verify": nothing, "bench": nothing}


def _bundle(space: Workspace, folder: Path) -> dict[str, Any]:
    verified = verify.noted_verify(space, folder)
    described = export.row(space, folder)
    if verified["verdict"] == "unavailable":
        measured = verified
    elif target_named(described["target"]).evidence == "reference":
        measured = {"verdict": "unavailable", "reason": _NO_LATENCY}
    else:
        measured = bench.noted_bench(space, folder)
    relative = folder.relative_to(space.project.base)
    return {
        **described,
        "path": relative.as_posix(),
        "verify": verified,
        "bench": measured,
        **verify.noted_stress(space, folder),
    }


def _split(space: Workspace, name: data.Split, signature: Signature) -> dict[str, Any]:
    """Describe a split: how many samples, and which of its files are none."""
    found = data.looked_through(space, name, signature)
    return {
        "images": found.samples,
        "sha256": data.split_sha256(space, name),
        "files": found.to_json(),
    }


def _signature(space: Workspace, folders: Sequence[Path]) -> Signature:
    """Return the student's Signature; a bundle's manifest saves loading the student for it."""
    from edgekit.manifest import read_manifest

    return read_manifest(folders[0]).signature if folders else detectors.student(space).signature


def _detectors(space: Workspace, signature: Signature) -> list[dict[str, Any]]:
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
    return [*found, {**_detector(space, "student", signature, samples), "name": name}]


def _detector(
    space: Workspace, name: str, signature: Signature, samples: Dataset
) -> dict[str, Any]:
    """Measure a float Detector's scores; accuracy is at its own frozen threshold."""
    values = scores(detectors.test_logits(space, name), signature)
    described: dict[str, Any] = {"name": name, **_metrics(values, samples, signature)}
    described["size_bytes"] = sum(size_of(path) for path in _weights(space, name))
    return described


def _weights(space: Workspace, name: str) -> list[Path]:
    """List the files that a float Detector is loaded from."""
    from edgekit.detectors.sources import source_files

    settings = space.project.settings
    if name == "student" and settings.detector is None:
        return [detectors.student_folder(space)]
    found = source_files(settings.teacher or settings.detector or {}, space.project.base)
    inner = {path for path in found if any(other in path.parents for other in found)}
    return [path for path in found if path not in inner]


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
