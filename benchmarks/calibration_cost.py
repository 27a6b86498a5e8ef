"""What calibration costs beside plain float inference, and whether its memory stays flat.

Throughput: the torch Program alone, and `observe` around the same Program, on the same preprocessed
images in memory, one thread and batch 1, block by block in turns. Putting the probes in is done
once, however many images follow, and shown by itself. Weights are random: they do not matter here.
"""

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration_memory import LIMIT as MEMORY_LIMIT
from benchmarks.calibration_memory import peak_ratio, student_of, write_pictures
from edgekit.dataset import Dataset, Sample

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector

STUDENTS = {"mobilenetv4_conv_small": 224, "vit_tiny_patch16_224": 224, "fastvit_t8": 256}
BLOCK, PAIRS = 8, 15
LIMITS = {"throughput": 0.8, "memory": MEMORY_LIMIT}


@dataclass(frozen=True)
class InMemory(Dataset):
    """Samples whose arrays were read before, so that no file is read while time is taken."""

    arrays: dict[str, NDArray[np.float32]]

    def read(self, sample: Sample) -> tuple[NDArray[np.float32], ...]:
        """Return what was read before."""
        return (self.arrays[sample.name],)


def measure() -> dict[str, Any]:
    """Return throughput by student, with 95% intervals, and peak memory."""
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        return {
            "throughput": {name: _throughput(name, Path(folder, name)) for name in STUDENTS},
            "memory": peak_ratio(Path(folder)),
            "limits": LIMITS,
        }


def _throughput(name: str, folder: Path) -> dict[str, Any]:
    """Time blocks of images in turns; the ratio is calibration's speed over plain inference's."""
    import torch

    from benchmarks.paired import paired_ratio

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        setup_s, plain, calibrating = _contestants(name, folder)
        rounds = _in_turns(plain, calibrating)
    finally:
        torch.set_num_threads(before)
    plain_s, calibrating_s = ([row[place] for row in rounds] for place in (0, 1))
    ratio = paired_ratio(plain_s, calibrating_s)
    return {
        "ratio": ratio.value,
        "ci95": [ratio.low, ratio.high],
        "pairs": ratio.pairs,
        "verdict": _verdict(ratio.low, ratio.high),
        "plain_images_s": BLOCK / statistics.median(plain_s),
        "calibration_images_s": BLOCK / statistics.median(calibrating_s),
        "setup_s": setup_s,
    }


def _verdict(low: float, high: float) -> str:
    limit = LIMITS["throughput"]
    return "pass" if low >= limit else "fail" if high < limit else "inconclusive"


def _contestants(
    name: str, folder: Path
) -> tuple[float, Callable[[], object], Callable[[], object]]:
    """Return how long probes take to be put in, once, and what runs one block of images."""
    import torch

    from edgekit.calibration.observe import observe_share
    from edgekit.calibration.program import float_program, unlift
    from edgekit.calibration.watch import Watched

    student = student_of(name, STUDENTS[name])
    data = _in_memory(student, write_pictures(folder, BLOCK, STUDENTS[name]))
    program = float_program(student)
    module = unlift(program)
    start = time.perf_counter()
    watched = Watched(program)
    setup_s = time.perf_counter() - start

    def plain() -> None:
        with torch.inference_mode():
            for sample in data.samples:
                module(*map(torch.from_numpy, data.read(sample)))

    def calibrating() -> None:
        observe_share(watched, data, data.samples, lambda done: None)

    return setup_s, plain, calibrating


def _in_turns(
    first: Callable[[], object], second: Callable[[], object]
) -> list[tuple[float, float]]:
    """Time both, one after the other, beginning with each in turn; the first round warms up."""
    rounds = []
    for index in range(PAIRS + 1):
        if index % 2:
            rounds.append((_seconds(first), _seconds(second)))
        else:
            rounds.append((_seconds(second), _seconds(first))[::-1])
    return rounds[1:]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _in_memory(student: "Detector", folder: Path) -> InMemory:
    from edgekit.dataset import open_dataset

    data = open_dataset(folder, student.signature)
    arrays = {sample.name: data.read(sample)[0] for sample in data.samples}
    return InMemory(data.folder, data.signature, data.samples, arrays)
