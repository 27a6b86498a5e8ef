"""Make the task of one student: float artifacts, calibration and test images, reference logits.

python -m benchmarks.peers.prepare STUDENT DATA FOLDER RUNTIME... [--calibration N] [--test N]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.export import ExportedProgram

from benchmarks.peers.peer import Task
from benchmarks.peers.work import first_line
from edgekit.calibration.program import float_program
from edgekit.calibration.rewrites import rewritten
from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.registry import open_detector
from edgekit.errors import InputError
from edgekit.exporters.registry import Built, builder_of
from edgekit.files import save_array, write_json
from edgekit.hashes import sha256_file, sha256_json, sha256_tree
from edgekit.runtimes import runtime_named
from edgekit.signature import Signature
from edgekit.target import Target, target_named

# Runtime of the runner: the Task's field and the target that float models are built for.
TARGETS = {
    "onnxruntime": ("onnx", "x86"),
    "openvino": ("onnx", "x86"),  # it reads the same file
    "litert": ("tflite", "android"),
}
BATCH = 32


def spread(data: Dataset, limit: int | None) -> list[int]:
    """Return the indices of at most `limit` samples, evenly taken, so that every class has some."""
    count = len(data) if limit is None else min(limit, len(data))
    return [int(index) for index in np.linspace(0, len(data) - 1, count)]


def write_images(data: Dataset, chosen: list[int], path: Path) -> NDArray[np.float32]:
    """Write the preprocessed images, float32 [N, 3, H, W], without holding them all; map them."""
    shape = (len(chosen), *data.signature.inputs[0].shape[1:])
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, len(chosen), BATCH):
        _, (images,) = next(data.batches(BATCH, chosen[start : start + BATCH]))
        array[start : start + len(images)] = images
    array.flush()
    return array


def reference(detector: Detector, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the float Detector's logits, float32 [N, C]."""
    starts = range(0, len(images), BATCH)
    return np.concatenate(
        [detector.logits((np.array(images[start : start + BATCH]),)) for start in starts]
    )


def float_models(detector: Detector, runtimes: Sequence[str], folder: Path) -> dict[str, Any]:
    """Build the float32 model of each runtime.

    Returns:
        fields of the Task: the paths, "" where there is none, contents and faults.
    """
    program = float_program(detector)
    paths = {field: "" for field, _ in TARGETS.values()}
    contents, faults = {}, {}
    for runtime in runtimes:
        field, name = TARGETS[runtime]
        try:
            built = _float_model(program, target_named(name), folder)
        except Exception as error:  # whatever a converter raises is about the student
            faults[runtime] = f"float32: {first_line(error)}"
            continue
        paths[field] = str(folder / built.artifact)
        contents[runtime] = sha256_file(folder / built.artifact)
    return {**paths, "contents": contents, "faults": faults}


def _float_model(program: ExportedProgram, target: Target, folder: Path) -> Built:
    """Build plainly; with edgekit's rewrites only where the converter refuses it otherwise."""
    builder = builder_of(runtime_named(target.runtime))
    try:
        return builder.build(program, target, "fp32", folder)
    except Exception:
        changed = rewritten(program, target.rewrites)
        if changed is program:
            raise
        return builder.build(changed, target, "fp32", folder)


def _open(folder: Path, signature: Signature) -> Dataset:
    if len(signature.inputs) != 1 or signature.inputs[0].preprocessing is None:
        raise InputError(
            "the student takes something else than one image", "Choose another student"
        )
    return open_dataset(folder, signature)


def write_test(detector: Detector, data: Dataset, chosen: list[int], folder: Path) -> None:
    """Write the test images, their labels and slices, and the float Detector's logits."""
    images = write_images(data, chosen, folder / "test.npy")
    save_array(folder / "reference.npy", reference(detector, images))
    about = {
        "signature": detector.signature.to_json(),
        "positives": [bool(data.positives[index]) for index in chosen],
        "slices": [data.samples[index].slice for index in chosen],
    }
    write_json(folder / "test.json", about)


def write_calibration(data: Dataset, chosen: list[int], folder: Path) -> dict[str, Any]:
    """Write the calibration images and their labels; return the Task's fields."""
    write_images(data, chosen, folder / "calibration.npy")
    save_array(folder / "labels.npy", data.labels[chosen])
    return {
        "calibration": str(folder / "calibration.npy"),
        "labels": str(folder / "labels.npy"),
        "images": str(data.folder),
    }


def prepare(options: argparse.Namespace) -> None:
    """Write everything into the folder; `task.json` comes last."""
    student, folder = options.student, options.folder
    detector = open_detector(student)
    seen, held = (
        _open(options.data / split, detector.signature) for split in ("calibration", "test")
    )
    chosen = spread(seen, options.calibration)
    write_test(detector, held, spread(held, options.test), folder)
    Task(
        student=student.name,
        detector=str(student),
        sha256=sha256_json([sha256_tree(student), seen.sha256, chosen]),
        input=detector.signature.inputs[0].name,
        auto=str(student.parent.parent / "auto" / student.name),
        **write_calibration(seen, chosen, folder),
        **float_models(detector, options.runtimes, folder),
    ).write(folder / "task.json")


def main(arguments: list[str]) -> None:
    """Parse and prepare."""
    parser = argparse.ArgumentParser()
    for name in ("student", "data", "folder"):
        parser.add_argument(name, type=lambda text: Path(text).absolute())
    parser.add_argument("runtimes", nargs="+", choices=TARGETS)
    parser.add_argument("--calibration", type=int)
    parser.add_argument("--test", type=int)
    prepare(parser.parse_args(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
