"""What all artifacts of one student share."""

from dataclasses import dataclass

from torch.export import ExportedProgram

from edgekit.calibration.ranges import Ranges
from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector


@dataclass(frozen=True)
class Student:
    """Everything that bundles of one student share; made once for all targets.

    Attributes:
        detector: the float Detector.
        sha256: its content hash.
        program: its float Program.
        ranges: what calibration saw.
        data: the calibration set, which golden vectors are taken from.
        corrections: what every int8 artifact gets, names in `calibration/corrections`.
    """

    detector: Detector
    sha256: str
    program: ExportedProgram
    ranges: Ranges
    data: Dataset
    corrections: tuple[str, ...] = ()
