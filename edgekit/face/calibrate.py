"""`edgekit.calibrate`."""

from collections.abc import Sequence

from edgekit.calibration.corrections.registry import prepare
from edgekit.calibration.corrections.samples import Images
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.calibration.ranges import load_ranges
from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector, detector_sha256
from edgekit.detectors.outputs import check_detector
from edgekit.exporters.student import Student
from edgekit.face.detector import checked_detector
from edgekit.face.given import Folder, images_of, path_of
from edgekit.progress import Progress


def calibrate(
    detector: Detector,
    images: Folder | Dataset,
    corrections: Sequence[str] = (),
    workers: int = 1,
    ranges: Folder | None = None,
    progress: Progress | None = None,
) -> Student:
    """Trace a Detector and observe it once, for every target and precision.

    Args:
        detector: what to build from.
        images: calibration images; they decide nothing, so never the test set.
        corrections: names of corrections; see docs/quantization.md.
        workers: processes that share the images; the result does not depend on it.
        ranges: a file that `Ranges.save` left after an earlier observation of the same Detector and
            images; nothing is observed then.
        progress: called with (samples done, samples in all).

    Returns:
        the Student that `export` takes.

    Raises:
        InputError: when the images cannot calibrate, or the file is none.
    """
    data = images_of(images, checked_detector(detector).signature)
    known = None if ranges is None else load_ranges(path_of(ranges, "ranges"))
    if known is None:
        check_detector(detector, data, "the detector")
    program = prepare(float_program(detector), tuple(corrections), Images(data))
    seen = known or observe(program, data, progress, workers)
    return Student(detector, detector_sha256(detector), program, seen, data, tuple(corrections))
