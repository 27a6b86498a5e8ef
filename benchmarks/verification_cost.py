"""What verification costs: its statistics, groups, its overhead beside two models, its memory.

The overhead is what `verify_bundle` takes with the student's own pass, over what the student and
the artifact take alone on the same image files, in turns.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.calibration_memory import student_of, write_pictures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgekit.dataset import Dataset
    from edgekit.exporters.student import Student

IMAGES, RESAMPLES, LIMIT_S = 100_000, 2000, 5.0
GROUPED, OF_GROUP, TURNS, GROUPS_LIMIT = 10_000, 10, 5, 1.2
STUDENT, SIZE, SAMPLES, ROUNDS, OVERHEAD = "mobilenetv4_conv_small", 224, 1024, 7, 0.10
TINY, STREAMED, MEMORY = "test_resnet", (1000, 100_000), 1.1


def measure() -> dict[str, Any]:
    """Return seconds, the overhead as a share, and peaks in MiB."""
    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        return {
            "statistics": _statistics(),
            "groups": _groups(),
            "overhead": _overhead(Path(folder)),
            "memory": _memory(),
        }


def _statistics() -> dict[str, Any]:
    """Time every interval of a verdict."""
    took = statistics.median(_judging(IMAGES) for _ in range(3))
    return {
        "images": IMAGES,
        "resamples": RESAMPLES,
        "seconds": took,
        "limit": LIMIT_S,
        "verdict": "pass" if took <= LIMIT_S else "fail",
    }


def _groups() -> dict[str, Any]:
    """Time the same with groups of ten images, in turns with single images."""
    groups = np.arange(GROUPED) // OF_GROUP
    ratios = [_judging(GROUPED, groups) / _judging(GROUPED) for _ in range(TURNS)]
    median = statistics.median(ratios)
    return {
        "images": GROUPED,
        "of_group": OF_GROUP,
        "resamples": RESAMPLES,
        "ratio": median,
        "rounds": ratios,
        "limit": GROUPS_LIMIT,
        "verdict": "pass" if median <= GROUPS_LIMIT else "fail",
    }


def _judging(images: int, groups: "NDArray[np.intp] | None" = None) -> float:
    """Return the seconds of a verdict on scores that never were images."""
    from edgekit.verification.parity import Budget, decision_parity

    random = np.random.default_rng(0)
    positives = random.random(images) < 0.5
    logits = 2 * positives - 1 + random.normal(size=images)
    other = logits + 0.1 * random.normal(size=images)
    before, after = (1 / (1 + np.exp(-values)) for values in (logits, other))
    slices = np.where(positives, random.choice(["a", "b", "c"], images), "").tolist()
    start = time.perf_counter()
    decision_parity(before, after, positives, slices, 0.5, Budget(), RESAMPLES, groups=groups)
    return time.perf_counter() - start


def _overhead(folder: Path) -> dict[str, Any]:
    from edgekit.detectors.score import score
    from edgekit.exporters.bundle import export_bundle
    from edgekit.target import target_named
    from edgekit.verification.parity import Budget
    from edgekit.verification.verify import verify_bundle

    student = _student(STUDENT, SIZE, folder / "pictures", SAMPLES)
    bundle, data = folder / "x86-fp32", student.data
    export_bundle(student, target_named("x86"), "fp32", bundle)
    ratios = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        reference = score(student.detector, data)
        _run_alone(bundle, data)
        alone = time.perf_counter() - start
        start = time.perf_counter()
        reference = score(student.detector, data)
        verify_bundle(bundle, reference, data, Budget())
        ratios.append((time.perf_counter() - start) / alone - 1)
    median = statistics.median(ratios)
    return {
        "student": STUDENT,
        "images": SAMPLES,
        "overhead": median,
        "rounds": ratios,
        "limit": OVERHEAD,
        "verdict": "pass" if median <= OVERHEAD else "fail",
    }


def _run_alone(bundle: Path, data: "Dataset") -> None:
    """Run the artifact as a script would: one session, one image after the other."""
    from edgekit.devices.runner.sessions.onnxruntime import OnnxRuntime

    session = OnnxRuntime(str(bundle / "model.onnx"), ("image",), 1)
    for sample in data.samples:
        session.run(data.read(sample))


def _student(name: str, size: int, pictures: Path, count: int) -> "Student":
    from edgekit.calibration.observe import observe
    from edgekit.calibration.program import float_program
    from edgekit.dataset import open_dataset
    from edgekit.exporters.student import Student

    detector = student_of(name, size)
    data = open_dataset(write_pictures(pictures, count, size), detector.signature)
    program = float_program(detector)
    few = replace(data, samples=data.samples[:4])
    return Student(detector, "0" * 64, program, observe(program, few), data)


def _memory() -> dict[str, Any]:
    """Verify few and many images, in a fresh process each; many are the few again and again."""
    peaks, seconds = {}, {}
    for count in STREAMED:
        command = [sys.executable, "-m", "benchmarks.verification_cost", str(count)]
        start = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds[str(count)] = time.perf_counter() - start
        peaks[str(count)] = json.loads(done.stdout.splitlines()[-1])["peak_bytes"] / 2**20
    few, many = peaks.values()
    return {
        "student": TINY,
        "peak_mib": peaks,
        "seconds": seconds,
        "ratio": many / few,
        "limit": MEMORY,
        "verdict": "pass" if many / few <= MEMORY else "fail",
    }


def _verify_many(count: int) -> None:
    """Verify in this process, and print its peak memory as JSON."""
    from edgekit.detectors.score import score
    from edgekit.devices.runner.machine import peak_memory
    from edgekit.exporters.bundle import export_bundle
    from edgekit.target import target_named
    from edgekit.verification.parity import Budget
    from edgekit.verification.verify import verify_bundle

    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        student = _student(TINY, 64, Path(folder, "pictures"), min(STREAMED))
        bundle = Path(folder, "x86-fp32")
        export_bundle(student, target_named("x86"), "fp32", bundle)
        data = replace(student.data, samples=student.data.samples * (count // min(STREAMED)))
        verify_bundle(bundle, score(student.detector, data), data, Budget())
    print(json.dumps({"peak_bytes": peak_memory()}))


if __name__ == "__main__":
    _verify_many(int(sys.argv[1]))
