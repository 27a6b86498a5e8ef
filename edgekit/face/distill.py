"""`edgekit.distill`."""

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.timm import new_student
from edgekit.distillation import distill as teaching
from edgekit.distillation.settings import DistillSettings
from edgekit.face.detector import checked_detector
from edgekit.face.given import Folder, images_of
from edgekit.progress import Progress


def distill(
    teacher: Detector,
    student: str | Detector,
    train: Folder | Dataset,
    validation: Folder | Dataset,
    settings: DistillSettings | None = None,
    image_size: int | tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Detector:
    """Teach a compact student with a teacher.

    Args:
        teacher: the model to learn from.
        student: a name that timm knows, or an untrained Detector.
        train: images to learn on, a folder per class.
        validation: images that choose the epoch and the threshold; never the test set.
        settings: see `DistillSettings`.
        image_size: another image size than the teacher's, pixels; for a student by name.
        progress: called with (steps done, steps in all).

    Raises:
        InputError: when the name is unknown or the images are not what it takes.
        EdgekitError: when training diverges.
    """
    told, signature = settings or DistillSettings(), checked_detector(teacher).signature
    untrained = (
        new_student(student, signature, image_size, told.seed)
        if isinstance(student, str)
        else checked_detector(student)
    )
    first, second = (images_of(given, untrained.signature) for given in (train, validation))
    return teaching.distill(teacher, untrained, first, second, told, progress)
