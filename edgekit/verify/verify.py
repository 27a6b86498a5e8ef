"""Judge a bundle: run the artifact on disk over the test images and compare its decisions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.devices.device import device_named
from edgekit.errors import EdgekitError, InputError
from edgekit.export.manifest import Manifest, read_manifest
from edgekit.export.target import target_named
from edgekit.verify.parity import Budget, decision_parity
from edgekit.verify.tensors import tensor_error

CHUNK = 256  # samples a process gets: 150 MB of 224-pixel images
Progress = Callable[[int, int], None]


def verify_bundle(
    bundle: Path,
    reference: NDArray[np.float32],
    data: Dataset,
    budget: Budget,
    device: str = "local",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare an artifact with the float Detector on the same images.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        reference: the float Detector's logits on `data`, float32 [N, C].
        data: the held-out samples, opened with the manifest's Signature.
        budget: what the artifact may lose.
        device: where to run it.
        progress: called with (samples done, samples in all).

    Returns:
        the verdict as the JSON of `edgekit verify`.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when the bundle is damaged.
    """
    manifest = read_manifest(bundle)
    logits = artifact_logits(bundle, data, device, progress)
    signature = manifest.signature
    wanted, got = scores(reference, signature), scores(logits, signature)
    slices = [sample.slice for sample in data.samples]
    parity = decision_parity(wanted, got, data.positives, slices, signature.threshold, budget)
    return {
        **parity.to_json(),
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "evidence": target_named(manifest.target).evidence,
        "device": device,
        "images": len(data),
        "tensor": tensor_error(reference, logits),
    }


def artifact_logits(
    bundle: Path, data: Dataset, device: str = "local", progress: Progress | None = None
) -> NDArray[np.float32]:
    """Run the artifact over a dataset in fresh processes; memory does not grow with the images.

    Returns:
        float32 [N, C].
    """
    run = device_named(device)
    names = [spec.name for spec in data.signature.inputs]
    rows: list[NDArray[np.float32]] = []
    for chosen, arrays in data.batches(CHUNK):
        result = run(bundle, dict(zip(names, arrays, strict=True)))
        if len(result.logits) != len(arrays[0]):
            raise EdgekitError(
                f"{bundle} gave {len(result.logits)} results for {len(arrays[0])} images",
                "Its output has no batch dimension of its own; export it again",
            )
        rows.append(result.logits)
        if progress:
            progress(int(chosen[-1]) + 1, len(data))
    return np.concatenate(rows)


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
