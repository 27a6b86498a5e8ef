"""Artifacts in which nothing is wrong, of students of their own."""

import copy
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.faults.bench import Bench, Json
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.export.bundle import export_bundle
from edgekit.export.student import Student
from edgekit.export.target import Precision, target_named

WHOLE: tuple[tuple[str, Precision], ...] = (
    ("x86", "fp32"),
    ("x86", "int8"),
    ("android", "fp32"),
    ("android", "int8"),
    ("jetson", "int8"),
)
NOISE = 0.02


def verify_whole(bench: Bench, count: int, say: Callable[[str], None]) -> Json:
    """Verify artifacts in which nothing is wrong; a false alarm is a `fail`."""
    verdicts, alarms = Counter[str](), []
    for number in range(count):
        seed, kind = divmod(number, len(WHOLE))
        if kind == 0:
            other = replace(bench, student=_noisy(bench.student, seed))
        target, precision = WHOLE[kind]
        with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
            bundle = Path(folder, f"{target}-{precision}")
            export_bundle(other.student, target_named(target), precision, bundle)
            found = other.verify(bundle)
        verdicts[found["verdict"]] += 1
        say(f"{number + 1} of {count}: {dict(verdicts)}")
        if found["verdict"] == "fail":
            alarms.append({"seed": seed, "bundle": bundle.name, **(found["cause"] or {})})
    return {"artifacts": count, "verdicts": dict(verdicts), "false_alarms": alarms}


def _noisy(student: Student, seed: int) -> Student:
    """Make another student: the same, with noise on its weights."""
    detector = replace(student.detector, model=copy.deepcopy(student.detector.model))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in detector.model.parameters():
            weight.mul_(1 + NOISE * torch.randn(weight.shape, generator=generator))
    program = float_program(detector)
    return replace(
        student, detector=detector, program=program, ranges=observe(program, student.data)
    )
