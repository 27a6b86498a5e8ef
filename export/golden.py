"""Golden vectors: raw samples with what the float Detector makes of them, shipped in the bundle.

An app developer decodes and preprocesses `golden/<n>.<input><suffix>`, compares with
`golden/inputs/<input>.npy` [n], runs the artifact, and compares logits and decisions with
`golden/expected.json`. Whatever differs first says where the app went wrong.
"""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from edgekit.dataset import Dataset, Sample
from edgekit.decision import decisions, scores
from edgekit.detectors.detector import Detector
from edgekit.detectors.outputs import check_meaning
from edgekit.errors import InputError
from edgekit.files import read_json, save_array, write_json
from edgekit.images import decode, suffixes
from edgekit.listing import ARRAYS
from edgekit.manifest import GOLDEN
from edgekit.signature import Signature
from edgekit.survey import matters_of


def choose(data: Dataset, count: int) -> list[Sample]:
    """Take samples evenly from every class, in the dataset's order."""
    chosen: list[Sample] = []
    classes = len(data.signature.classes)
    for label in range(classes):
        share = count // classes + (label < count % classes)
        rows = [sample for sample in data.samples if sample.label == label]
        steps = np.linspace(0, len(rows) - 1, min(share, len(rows))).astype(int)
        chosen += [rows[step] for step in steps]
    return chosen


def telling(chosen: list[Sample], data: Dataset) -> list[Sample]:
    """Let golden samples hold a picture that EXIF turns and a transparent one, where there is one.

    Without them an app that forgets these steps would agree on every golden vector.

    Args:
        chosen: what `choose` took.
        data: where others are found; a found one takes the place of its class's last chosen one
            that shows nothing itself.
    """
    shown, chosen = {sample.name: _shows(sample, data) for sample in chosen}, list(chosen)
    for kind in ("orientation", "alpha"):
        if any(kind in shown[sample.name] for sample in chosen):
            continue
        found = next((each for each in data.samples if kind in _shows(each, data)), None)
        places = [
            place
            for place, sample in enumerate(chosen)
            if found and sample.label == found.label and not shown[sample.name]
        ]
        if found and places:
            chosen[places[-1]], shown[found.name] = found, _shows(found, data)
    return chosen


def _shows(sample: Sample, data: Dataset) -> set[str]:
    pairs = zip(sample.paths, data.signature.inputs, strict=True)
    pictures = [path for path, spec in pairs if spec.preprocessing is not None]
    return {kind for path in pictures for kind in matters_of(path)} & {"orientation", "alpha"}


def write_golden(
    bundle: Path, detector: Detector, data: Dataset, count: int
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """Write `golden/` and return its inputs by name and the float Detector's logits.

    Args:
        bundle: folder being made.
        detector: the float Detector.
        data: where samples are taken from; never the test set.
        count: how many.

    Raises:
        InputError: when the float Detector itself gives NaN or infinity, or other outputs than its
            Signature says.
    """
    folder = bundle / GOLDEN
    (folder / "inputs").mkdir(parents=True)
    samples = telling(choose(data, count), data)
    rows = [data.read(sample) for sample in samples]
    names = [spec.name for spec in data.signature.inputs]
    columns = zip(names, zip(*rows, strict=True), strict=True)
    inputs = {name: np.concatenate(column) for name, column in columns}
    for name, array in inputs.items():
        save_array(folder / "inputs" / f"{name}.npy", array)
    logits = np.concatenate([detector.logits(row) for row in rows])
    if not np.isfinite(logits).all():
        raise InputError(
            f"the float detector gives NaN or infinity on samples of {data.folder}",
            "Train the detector again, or find the weights that hold NaN",
        )
    check_meaning(logits, detector.signature, "the float detector")
    files = [_copy(sample, index, names, folder) for index, sample in enumerate(samples)]
    write_json(folder / "expected.json", _expected(detector, data, samples, files, logits))
    return inputs, logits


def golden_inputs(bundle: Path, signature: Signature) -> dict[str, NDArray[np.float32]]:
    """Read the golden samples as the student preprocesses them, float32 [N, ...] by input."""
    folder = bundle / GOLDEN / "inputs"
    return {
        spec.name: np.load(folder / f"{spec.name}.npy", allow_pickle=False)
        for spec in signature.inputs
    }


def golden_images(bundle: Path, signature: Signature) -> dict[str, list[Image]]:
    """Decode the golden samples' pictures, by input that is made from pictures."""
    samples = read_json(bundle / GOLDEN / "expected.json")["samples"]
    found = {}
    for spec in signature.inputs:
        if spec.preprocessing is not None:
            paths = [bundle / GOLDEN / sample["files"][spec.name] for sample in samples]
            found[spec.name] = [decode(path.read_bytes(), path) for path in paths]
    return found


def _copy(sample: Sample, index: int, names: list[str], folder: Path) -> dict[str, str]:
    found = {}
    for name, path in zip(names, sample.paths, strict=True):
        suffix = path.suffix.lower() if path.suffix.lower() in (*suffixes(), *ARRAYS) else ""
        found[name] = f"{index:03d}.{name}{suffix}"
        shutil.copyfile(path, folder / found[name])
    return found


def _expected(
    detector: Detector,
    data: Dataset,
    samples: list[Sample],
    files: list[dict[str, str]],
    logits: NDArray[np.float32],
) -> dict[str, object]:
    values = scores(logits, detector.signature)
    called = decisions(values, detector.signature)
    return {
        "positive": detector.signature.positive,
        "threshold": detector.signature.threshold,
        "samples": [
            {
                "files": files[index],
                "class": data.signature.classes[sample.label],
                "logits": [float(value) for value in logits[index]],
                "score": float(values[index]),
                "positive": bool(called[index]),
            }
            for index, sample in enumerate(samples)
        ],
    }
