"""Artifacts in which nothing is wrong, of students of their own."""

import copy
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.faults.bench import Bench, Json
from benchmarks.faults.notes import Notes
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.student import Student
from edgekit.target import Precision, target_named

WHOLE: tuple[tuple[str, Precision], ...] = (
    ("x86", "fp32"),
    ("x86", "int8"),
    ("android", "fp32"),
    ("android", "int8"),
    ("jetson", "int8"),
)
NOISE = 0.02


def verify_whole(bench: Bench, count: int, notes: Notes, say: Callable[[str], None]) -> Json:
    """Verify artifacts in which nothing is wrong; a false alarm is a `fail`."""
    found, seed, other = [], -1, bench
    for number in range(count):
        if (key := f"whole {number}") not in notes:
            if number // len(WHOLE) != seed:
                seed = number // len(WHOLE)
                other = replace(bench, student=_noisy(bench.student, seed))
            notes.add(key, _verified(other, seed, *WHOLE[number % len(WHOLE)]))
        found.append(notes[key])
        say(f"{number + 1} of {count}: {found[-1]['verdict']}")
    return {
        "artifacts": count,
        "verdicts": dict(Counter(row["verdict"] for row in found)),
        "false_alarms": [row for row in found if row["verdict"] == "fail"],
    }


def _verified(bench: Bench, seed: int, target: str, precision: Precision) -> Json:
    with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
        bundle = Path(folder, f"{target}-{precision}")
        export_bundle(bench.student, target_named(target), precision, bundle)
        found = bench.verify(bundle)
    cause = found["cause"] or {}
    about = {"seed": seed, "bundle": bundle.name, "verdict": found["verdict"]}
    return {**about, "cause": cause.get("kind"), "what": cause.get("what")}


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
