"""Judge a bundle: run the artifact on disk over the test images and compare its decisions."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError, InputError
from edgekit.export.manifest import Manifest, read_manifest
from edgekit.export.target import target_named
from edgekit.files import write_whole
from edgekit.verify.classes import class_figures
from edgekit.verify.parity import Budget, decision_parity
from edgekit.verify.tensors import tensor_error

CHUNK = 256  # samples a process gets: 150 MB of 224-pixel images
Progress = Callable[[int, int], None]


def verify_bundle(
    bundle: Path,
    reference: NDArray[np.float32],
    data: Dataset,
    budget: Budget,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
) -> dict[str, Any]:
    """Compare an artifact with the float Detector on the same images.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        reference: the float Detector's logits on `data`, float32 [N, C].
        data: the held-out samples, opened with the manifest's Signature.
        budget: what the artifact may lose.
        device: where to run it, open or by name.
        progress: called with (samples done, samples in all).
        kept: see `artifact_logits`.

    Returns:
        the verdict as the JSON of `edgekit verify`; `runtime` is the one that was asked for, None
        for the usual one.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when the bundle is damaged.
    """
    manifest = read_manifest(bundle)
    opened = device_named(device)
    logits = artifact_logits(bundle, data, opened, progress, kept)
    signature = manifest.signature
    wanted, got = scores(reference, signature), scores(logits, signature)
    slices = [sample.slice for sample in data.samples]
    parity = decision_parity(wanted, got, data.positives, slices, signature.threshold, budget)
    return {
        **parity.to_json(),
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "evidence": opened.evidence(target_named(manifest.target)),
        "device": opened.name,
        "runtime": opened.settings.runtime,
        "images": len(data),
        "tensor": tensor_error(reference, logits),
        "classes": class_figures(reference, logits, data.labels),
    }


def artifact_logits(
    bundle: Path,
    data: Dataset,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
) -> NDArray[np.float32]:
    """Run the artifact over a dataset in fresh processes; memory does not grow with the images.

    Args:
        bundle: the bundle's folder.
        data: the samples, opened with the manifest's Signature.
        device: where to run it.
        progress: called with (samples done, samples in all).
        kept: folder of this bundle and these samples alone, where the logits of finished chunks
            stay, so that a run that was killed is carried on; nothing is kept when left out.

    Returns:
        float32 [N, C].
    """
    rows: list[NDArray[np.float32]] = []
    for start in range(0, len(data), CHUNK):
        chosen = range(start, min(start + CHUNK, len(data)))
        path = kept / f"{start:09d}.npy" if kept else None
        if path is None or not path.exists():
            rows.append(_chunk(bundle, data, chosen, device_named(device)))
            if path is not None:
                _keep(path, rows[-1])
        else:
            rows.append(np.load(path, allow_pickle=False))
        if progress:
            progress(chosen.stop, len(data))
    return np.concatenate(rows)


def _keep(path: Path, logits: NDArray[np.float32]) -> None:
    """Write as a whole: half a chunk must not pass for one after a kill."""
    buffer = io.BytesIO()
    np.save(buffer, logits)
    write_whole(path, buffer.getvalue())


def _chunk(bundle: Path, data: Dataset, chosen: range, device: Device) -> NDArray[np.float32]:
    _, arrays = next(data.batches(CHUNK, chosen))
    names = [spec.name for spec in data.signature.inputs]
    result = device(bundle, dict(zip(names, arrays, strict=True)))
    if len(result.logits) != len(chosen):
        raise EdgekitError(
            f"{bundle} gave {len(result.logits)} results for {len(chosen)} images",
            "Its output has no batch dimension of its own; export it again",
        )
    return result.logits


def refuse_other_student(manifest: Manifest, bundle: Path, detector_sha256: str) -> None:
    """Refuse to compare an artifact with a Detector that it was not built from.

    Raises:
        InputError: when the hashes differ.
    """
    if manifest.detector_sha256 != detector_sha256:
        raise InputError(
            f"{bundle} was built from another student than this project's",
            "Export it again from this project, or run verify in the project it came from",
        )
