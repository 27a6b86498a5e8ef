"""Calibrate once, for all targets."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.steps import data, detectors
from edgekit.steps.leaks import refuse_leaks
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import split_input
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace

if TYPE_CHECKING:
    from torch.export import ExportedProgram

# What `program` calls; who builds from the float Program depends on it.
PROGRAM = ("edgekit.calibration.program", "edgekit.calibration.corrections.registry")


def program(space: Workspace) -> "ExportedProgram":
    """Trace the student's float Program, once in this process."""

    def trace() -> "ExportedProgram":
        from edgekit.calibration.corrections.registry import prepare
        from edgekit.calibration.corrections.samples import Images
        from edgekit.calibration.program import float_program

        float_student = detectors.student_detector(space)
        names = space.project.settings.quantization.corrections
        samples = Images(data.split(space, "calibration", float_student.signature))
        return prepare(float_program(float_student), names, samples)

    traced: ExportedProgram = space.remember("program", trace)
    return traced


def ranges_file(space: Workspace, workers: int = 1) -> Path:
    """Observe the calibration set unless that is done, and return the file of Ranges.

    Args:
        space: the project's workspace.
        workers: processes that share the images; the result does not depend on it.

    Raises:
        InputError: when a calibration image is also in the test set, or the images cannot
            calibrate; see `observe`.
    """
    return space.made(calibrate_step(space, workers))


def calibrate_step(space: Workspace, workers: int = 1) -> Step:
    """Declare the observation of the calibration set; see `ranges_file`."""
    path = space.project.output / "calibration" / "ranges.npz"

    def make() -> str:
        from edgekit.calibration.coverage import coverage
        from edgekit.calibration.observe import observe
        from edgekit.detectors.outputs import check_detector

        float_student = detectors.student_detector(space)
        samples = data.split(space, "calibration", float_student.signature)
        check_detector(float_student, samples, "the detector")
        ranges = observe(program(space), samples, space.reporter.advance, workers)
        ranges.save(path)
        seen = f"{len(ranges.histograms)} tensors over {ranges.samples} samples"
        return f"{seen}; {coverage(ranges).notes[0]}"

    return Step(
        name="calibrate",
        output=path,
        entries=(
            *PROGRAM,
            *("edgekit.calibration.observe", "edgekit.calibration.coverage"),
            *("edgekit.detectors.outputs", LOADER),
        ),
        make=make,
        inputs={
            "student": detectors.detector_input(space, "student"),
            "calibration": split_input(space, "calibration"),
        },
        settings={"quantization": space.project.settings.quantization.to_json()},
        checks=(lambda: refuse_leaks(space),),
    )
