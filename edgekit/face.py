"""The public face: what `import edgekit` offers, for notebooks and programs without a project file.

What is left out has the value that a new project file has. Everything is checked where it comes in:
what cannot be right is one line, an `edgekit.errors.InputError`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgekit.bundle import Bundle
from edgekit.calibration.corrections.registry import prepare
from edgekit.calibration.corrections.samples import Images
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors import registry
from edgekit.detectors.detector import Detector, detector_sha256
from edgekit.detectors.outputs import check_detector
from edgekit.detectors.score import score
from edgekit.detectors.timm import new_student
from edgekit.devices.device import Device
from edgekit.distillation import distill as teaching
from edgekit.distillation.settings import DistillSettings
from edgekit.errors import InputError
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.recipe import Recipe, default_recipe
from edgekit.exporters.student import Student
from edgekit.performance.bench import bench_bundle
from edgekit.performance.settings import BenchSettings
from edgekit.results.measurement import Measurement
from edgekit.results.verification import Verification
from edgekit.search.library import search_recipe
from edgekit.signature import Signature
from edgekit.target import Precision, checked_precision, target_named
from edgekit.verification.parity import Budget
from edgekit.verification.verify import verify_bundle

Folder = str | Path


def load_detector(source: Folder | Mapping[str, Any], base: Folder = ".") -> Detector:
    """Load a float Detector: a CLIP teacher, a student, or a network of one's own.

    Args:
        source: a folder that edgekit saved, or what `[teacher]` of a project file would say:
            `{"kind": "open_clip", "model": "folder", ...}`.
        base: where relative paths of such a table start.

    Raises:
        InputError: when anything it names is missing, damaged or does not fit.
    """
    if isinstance(source, Mapping):
        return registry.load_detector(dict(source), _path(base, "base"), "the detector's table")
    return registry.open_detector(_path(source, "detector"))


def distill(
    teacher: Detector,
    student: str,
    train: Folder,
    validation: Folder,
    settings: DistillSettings | None = None,
    image_size: int | tuple[int, int] | None = None,
) -> Detector:
    """Teach a compact student with a teacher.

    Args:
        teacher: the model to learn from.
        student: a name that timm knows.
        train: folder of images to learn on, a folder per class.
        validation: images that choose the epoch and the threshold; never the test set.
        settings: see `DistillSettings`.
        image_size: another image size than the teacher's, pixels.

    Raises:
        InputError: when the name is unknown or the images are not what it takes.
        EdgekitError: when training diverges.
    """
    told = settings or DistillSettings()
    untrained = new_student(student, _detector(teacher).signature, image_size, told.seed)
    first, second = (_data(folder, untrained.signature) for folder in (train, validation))
    return teaching.distill(teacher, untrained, first, second, told)


def calibrate(
    detector: Detector, images: Folder, corrections: Sequence[str] = (), workers: int = 1
) -> Student:
    """Trace a Detector and observe it once, for every target and precision.

    Args:
        detector: what to build from.
        images: folder of calibration images; they decide nothing, so never the test set.
        corrections: names of corrections; see docs/quantization.md.
        workers: processes that share the images; the result does not depend on it.

    Returns:
        the Student that `export` takes.

    Raises:
        InputError: when the images cannot calibrate.
    """
    data = _data(images, _detector(detector).signature)
    check_detector(detector, data, "the detector")
    program = prepare(float_program(detector), tuple(corrections), Images(data))
    ranges = observe(program, data, workers=workers)
    return Student(detector, detector_sha256(detector), program, ranges, data)


def export(
    student: Student,
    target: str,
    precision: Precision | None = None,
    out: Folder | None = None,
    heldout: Folder | None = None,
    budget: Budget | None = None,
    device: str | Device = "local",
) -> Bundle:
    """Build one bundle; it appears whole or not at all.

    Args:
        student: what `calibrate` returned.
        target: a Target's name, such as `jetson`.
        precision: the Target's own when left out; `auto` for the fastest inside the budget.
        out: the bundle's folder, `<target>-<precision>` when left out. A bundle is replaced.
        heldout: for `auto`, images that decide: neither those of calibration nor of the test.
        budget: for `auto`, what the artifact may lose.
        device: for `auto`, where candidates run.

    Raises:
        InputError: when there is no such target or precision.
        UnavailableError: when the target's runtime cannot be built with here.
        EdgekitError: when the converter or the runtime refuses the student.
    """
    if not isinstance(student, Student):
        raise InputError(
            f"export takes what calibrate returned, not {_kind(student)}", "Call calibrate first"
        )
    found = target_named(target)
    wanted = checked_precision(found, precision)
    path = _path(f"{target}-{wanted}" if out is None else out, "out")
    recipe: Recipe | None = None
    if wanted == "auto":
        held = _data(heldout, student.detector.signature) if heldout is not None else None
        recipe = search_recipe(student, found, held, budget or Budget(), device)
    elif wanted == "int8":
        recipe = default_recipe(found, "int8")
    export_bundle(student, found, wanted, path, recipe)
    return Bundle(path)


def verify(
    bundle: Bundle | Folder,
    detector: Detector,
    images: Folder,
    budget: Budget | None = None,
    device: str | Device = "local",
) -> Verification:
    """Judge whether an artifact decides as the float Detector does.

    Args:
        bundle: what to judge.
        detector: what it was built from.
        images: folder of test images that nothing else has seen.
        budget: what the artifact may lose.
        device: where to run it.

    Raises:
        UnavailableError: when nothing there can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
    """
    data = _data(images, _detector(detector).signature)
    reference, signature = score(detector, data), detector.signature
    told = budget or Budget()
    return verify_bundle(_place(bundle), reference, data, told, device, student=signature)


def bench(
    bundle: Bundle | Folder,
    against: Bundle | Folder | None = None,
    settings: BenchSettings | None = None,
    device: str | Device = "local",
) -> Measurement:
    """Time an artifact, in interleaved pairs with another one's where there is one.

    Args:
        bundle: what to time.
        against: what to hold it against, normally the fp32 bundle of the same target.
        settings: pairs, runs, threads and budgets.
        device: where to run it.

    Raises:
        UnavailableError: when nothing there can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
    """
    other = None if against is None else _place(against)
    return bench_bundle(_place(bundle), other, settings or BenchSettings(), device)


def _place(bundle: Bundle | Folder) -> Path:
    return bundle.path if isinstance(bundle, Bundle) else _path(bundle, "bundle")


def _kind(value: object) -> str:
    return type(value).__name__


def _path(value: Folder, what: str) -> Path:
    if not isinstance(value, str | Path):
        raise InputError(f"{what} takes a path, not {_kind(value)}", "Give a str or a Path")
    return Path(value)


def _detector(value: Detector) -> Detector:
    if not isinstance(value, Detector):
        raise InputError(f"a Detector is needed, not {_kind(value)}", "Load it with load_detector")
    return value


def _data(folder: Folder, signature: Signature) -> Dataset:
    place = _path(folder, "images")
    if not place.is_dir():
        raise InputError(f"dataset folder {place} does not exist", "Name a folder of images")
    return open_dataset(place, signature)
