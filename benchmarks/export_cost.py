"""What one export costs beyond the library calls that it makes.

Every call into torch's exporters, the converters and the runner's fresh process is timed inside one
real export; the rest is edgekit's own: folding, placing pairs, golden vectors, hashing, manifest.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROUNDS = 3
LIMIT = 1.2


def measure() -> dict[str, Any]:
    """Export every target in int8 several times; seconds, and the ratio to the calls alone."""
    from edgekit.progress import Silent
    from edgekit.sample.project import make_project
    from edgekit.steps.project import open_project
    from edgekit.steps.workspace import Workspace
    from edgekit.target import targets

    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        make_project(Path(folder))
        project = Path(folder, "edgekit.toml")
        text = project.read_text(encoding="utf-8")
        # What an export costs does not depend on how well the student has learnt.
        project.write_text(text.replace("epochs = 6", "epochs = 1"), encoding="utf-8")
        space = Workspace(open_project(project), Silent())
        return {name: _target(space, name) for name in targets()}


def _target(space: Any, name: str) -> dict[str, Any]:
    once(space, name)  # imports and first-call costs are the libraries' own, paid once
    rounds = [once(space, name) for _ in range(ROUNDS)]
    ratios = [total / inside for total, inside in rounds]
    return {
        "total_s": statistics.median(total for total, _ in rounds),
        "calls_s": statistics.median(inside for _, inside in rounds),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "limit": LIMIT,
    }


def once(space: Any, name: str) -> tuple[float, float]:
    """Trace, quantize and export once; return all the time, and that inside library calls."""
    from edgekit.calibration.program import float_program
    from edgekit.calibration.ranges import load_ranges
    from edgekit.exporters.bundle import export_bundle
    from edgekit.exporters.student import Student
    from edgekit.steps import calibrate, data, detectors
    from edgekit.target import target_named

    ranges = load_ranges(calibrate.ranges_file(space))
    detector = detectors.student_detector(space)
    samples = data.split(space, "calibration", detector.signature)
    digest = detectors.student_sha256(space)
    with tempfile.TemporaryDirectory() as scratch, timed_calls() as inside:
        start = time.perf_counter()
        student = Student(detector, digest, float_program(detector), ranges, samples)
        export_bundle(student, target_named(name), "int8", Path(scratch, "bundle"))
        return time.perf_counter() - start, sum(inside)


@contextmanager
def timed_calls() -> Iterator[list[float]]:
    """Collect the time spent in the outermost of the libraries' calls."""
    import coremltools
    import litert_torch
    import torch

    from edgekit.devices import local
    from edgekit.exporters import tensorrt

    spent: list[float] = []
    depth = [0]
    places = [
        (torch.export, "export"),
        (torch.export.ExportedProgram, "run_decompositions"),
        (torch.onnx, "export"),
        (litert_torch, "convert"),
        (coremltools, "convert"),
        (tensorrt, "compile_ahead"),
        (local, "finish"),
    ]
    with ExitStack() as stack:
        for owner, name in places:
            stack.enter_context(
                patch.object(owner, name, _timer(getattr(owner, name), spent, depth))
            )
        yield spent


def _timer(call: Callable[..., Any], spent: list[float], depth: list[int]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        depth[0] += 1
        start = time.perf_counter()
        try:
            return call(*arguments, **options)
        finally:
            depth[0] -= 1
            if depth[0] == 0:
                spent.append(time.perf_counter() - start)

    return timed
