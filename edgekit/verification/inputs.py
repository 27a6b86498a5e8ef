"""An app's own tensors of a bundle's golden samples: are they what the student was trained on?"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import decisions, scores
from edgekit.detectors.detector import Detector
from edgekit.errors import InputError
from edgekit.exporters.golden import golden_images
from edgekit.images import decode
from edgekit.manifest import read_manifest
from edgekit.progress import Progress
from edgekit.results.inputs import Flips, InputCheck, InputsCheck
from edgekit.signature import Input
from edgekit.verdict import Verdict
from edgekit.verification.preprocessing import Deviation, deviations, explain


def check_inputs(
    bundle: Path, given: Path, detector: Detector, data: Dataset, progress: Progress | None = None
) -> InputsCheck:
    """Compare an app's tensors with the golden ones, and count what a difference costs.

    Args:
        bundle: the bundle's folder.
        given: folder with `<input>.npy` for every input that is made from pictures: what the app
            makes of the golden samples in their order, float32 [N, C, H, W].
        detector: the float Detector that the bundle was built from.
        data: the held-out samples that decisions are counted on.
        progress: called with (samples done, samples in all) while they are.

    Raises:
        InputError: when the bundle is damaged, or a tensor is missing or of another shape.
    """
    manifest = read_manifest(bundle)
    found: dict[str, InputCheck] = {}
    golden = golden_images(bundle, manifest.signature)
    for place, spec in enumerate(manifest.signature.inputs):
        if spec.preprocessing is None:
            continue
        images = golden[spec.name]
        about = explain(images, _tensor(given, spec, len(images)), spec.preprocessing)
        cause = next((d for d in deviations(spec.preprocessing) if d.name == about.name), None)
        if cause is not None:
            flips = _flips(detector, data, place, cause, progress)
            about = about.model_copy(update={"flips": flips})
        found[spec.name] = about
    right = all(about.right for about in found.values())
    verdict = Verdict.PASS if right else Verdict.FAIL
    return InputsCheck(verdict=verdict, bundle=bundle.name, inputs=found)


def _tensor(folder: Path, spec: Input, count: int) -> NDArray[np.float32]:
    path, shape = folder / f"{spec.name}.npy", (count, *spec.shape[1:])
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"cannot read {path}: {error}",
            f"Save there what the app makes of the {count} golden samples, with numpy.save",
        ) from error
    if array.shape != shape or array.dtype.kind != "f":
        raise InputError(
            f"{path} holds {array.dtype} {array.shape}, input {spec.name!r} is float32 {shape}",
            "Save the tensor as the app gives it to the model, in float, channels first",
        )
    return np.asarray(array, dtype=np.float32)


def _flips(
    detector: Detector, data: Dataset, place: int, cause: Deviation, progress: Progress | None
) -> Flips:
    """Count the float Detector's decisions that change when one input is read so."""
    changed = 0
    for index, sample in enumerate(data.samples):
        right = data.read(sample)
        wrong = list(right)
        path = sample.paths[place]
        wrong[place] = cause.read(decode(path.read_bytes(), path))
        calls = [
            decisions(scores(detector.logits(arrays), data.signature), data.signature)[0]
            for arrays in (right, tuple(wrong))
        ]
        changed += bool(calls[0] != calls[1])
        if progress:
            progress(index + 1, len(data))
    return Flips(count=changed, rate=changed / len(data))
