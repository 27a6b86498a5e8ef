"""Calibrate once, for all targets."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.steps import data, detectors
from edgekit.steps.leaks import refuse_leaks
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import split_input
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace

if TYPE_CHECKING:
    from edgekit.exporters.student import Student

# What traces and observes; who builds from the Student depends on it.
CALIBRATE = "edgekit.face.calibrate"


def student(space: Workspace) -> "Student":
    """Bring together what all bundles of this project share, calibrated, once in this process."""
    shared: Student = space.remember(
        "student to build from", lambda: _calibrated(space, ranges_file(space))
    )
    return shared


def _calibrated(space: Workspace, ranges: Path | None = None, workers: int = 1) -> "Student":
    """Calibrate, or take the Ranges from a file."""
    from edgekit.face.calibrate import calibrate

    detector = detectors.student_detector(space)
    samples = data.split(space, "calibration", detector.signature)
    names = space.project.settings.quantization.corrections
    found = calibrate(detector, samples, names, workers, ranges, space.reporter.advance)
    return replace(found, sha256=detectors.student_sha256(space))


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
    return Step(
        name="calibrate",
        output=path,
        entries=(CALIBRATE, "edgekit.calibration.coverage", LOADER),
        make=_observing(space, path, workers),
        inputs={
            "student": detectors.detector_input(space, "student"),
            "calibration": split_input(space, "calibration"),
        },
        settings={"quantization": space.project.settings.quantization.to_json()},
        checks=(lambda: refuse_leaks(space),),
    )


def _observing(space: Workspace, path: Path, workers: int) -> Callable[[], str]:
    def make() -> str:
        from edgekit.calibration.coverage import coverage

        found = _calibrated(space, workers=workers)
        found.ranges.save(path)
        space.remember("student to build from", lambda: found)
        seen = f"{len(found.ranges.histograms)} tensors over {found.ranges.samples} samples"
        return f"{seen}; {coverage(found.ranges).notes[0]}"

    return make
