"""Calibrate once, for all targets."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.steps import data, detectors
from edgekit.steps.workspace import SAMPLES, Workspace, code_sha256, tool_versions

if TYPE_CHECKING:
    from torch.export import ExportedProgram


def program(space: Workspace) -> "ExportedProgram":
    """Trace the student's float Program, once in this process."""

    def trace() -> "ExportedProgram":
        from edgekit.calibration.program import float_program

        return float_program(detectors.student(space))

    traced: ExportedProgram = space.remember("program", trace)
    return traced


def ranges_file(space: Workspace) -> Path:
    """Observe the calibration set unless that is done, and return the file of Ranges."""
    path: Path = space.remember("calibrate", lambda: _calibrate(space))
    return path


def _calibrate(space: Workspace) -> Path:
    data.refuse_leaks(space)
    path = space.project.output / "calibration" / "ranges.npz"
    depends = {
        "student": detectors.student_sha256(space),
        "data": data.split_sha256(space, "calibration"),
        "torch": tool_versions()["torch"],
        "code": code_sha256("calibration", "detectors", *SAMPLES),
    }

    def make() -> str:
        from edgekit.calibration.observe import observe

        float_student = detectors.student(space)
        samples = data.split(space, "calibration", float_student.signature)
        ranges = observe(program(space), samples, space.reporter.advance)
        ranges.save(path)
        return f"{len(ranges.histograms)} tensors over {ranges.samples} samples"

    return space.made("calibrate", path, depends, make)
