"""The peak memory of calibration in a fresh process, with few and with many image files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector

STUDENT, SIZE, SAMPLES = "mobilenetv4_conv_small", 128, (50, 2000)
LIMIT = 1.1


def peak_ratio(folder: Path) -> dict[str, Any]:
    """Calibrate on few and on many images; peaks in MiB, and many over few."""
    peaks = {count: _peak(write_pictures(folder / str(count), count, SIZE)) for count in SAMPLES}
    few, many = (peaks[count] for count in SAMPLES)
    return {
        "student": STUDENT,
        "peak_mib": {str(count): peak / 2**20 for count, peak in peaks.items()},
        "ratio": many / few,
        "verdict": "pass" if many / few <= LIMIT else "fail",
    }


def _peak(pictures: Path) -> int:
    command = [sys.executable, "-m", "benchmarks.calibration_memory", str(pictures)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(json.loads(done.stdout)["peak_bytes"])


def student_of(name: str, size: int) -> "Detector":
    """Make a student with random weights."""
    from edgekit.detectors.timm import new_student
    from edgekit.signature import Preprocessing, Signature, image_input

    rule = Preprocessing(size=(size, size), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    inputs, classes = (image_input(rule),), ("real", "fake")
    return new_student(name, Signature(inputs=inputs, classes=classes, positive="fake"), size)


def write_pictures(folder: Path, count: int, size: int) -> Path:
    """Write pictures of smooth noise, half of each class."""
    from PIL import Image

    random = np.random.default_rng(0)
    for index in range(count):
        coarse = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path = folder / ("real", "fake")[index % 2] / f"{index:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize((size, size)).save(path, compress_level=1)
    return folder


def _calibrate(folder: Path) -> None:
    """Calibrate on a folder in this process, and print its peak memory as JSON."""
    from edgekit.calibration.observe import observe
    from edgekit.calibration.program import float_program
    from edgekit.dataset import open_dataset
    from edgekit.devices.runner.machine import peak_memory

    student = student_of(STUDENT, SIZE)
    observe(float_program(student), open_dataset(folder, student.signature))
    print(json.dumps({"peak_bytes": peak_memory()}))


if __name__ == "__main__":
    _calibrate(Path(sys.argv[1]))
