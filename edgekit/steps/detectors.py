"""The project's Detectors: the teacher, and the student distilled from it."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.files import write_whole
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.steps import data
from edgekit.steps.workspace import SAMPLES, Workspace, code_sha256, tool_versions

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector


def source_sha256(space: Workspace, table: dict[str, Any]) -> str:
    """Hash what a table of the project file says and the files that it names."""
    from edgekit.detectors.sources import source_files

    files = source_files(table, space.project.base)
    return sha256_json([table, *(sha256_tree(path) for path in files)])


def teacher(space: Workspace) -> "Detector":
    """Load the teacher."""
    return _load(space, "teacher", space.project.settings.teacher or {})


def student(space: Workspace) -> "Detector":
    """Return the float Detector that artifacts are built from, distilled where it must be."""
    if space.project.settings.detector is not None:
        return _load(space, "detector", space.project.settings.detector)
    folder = student_folder(space)

    def load() -> "Detector":
        from edgekit.detectors.registry import open_detector

        return open_detector(folder)

    opened: Detector = space.remember("student", load)
    return opened


def student_sha256(space: Workspace) -> str:
    """Hash the float Detector that artifacts are built from."""
    if space.project.settings.detector is not None:
        return source_sha256(space, space.project.settings.detector)
    return space.tree_sha256(student_folder(space))


def _load(space: Workspace, name: str, table: dict[str, Any]) -> "Detector":
    def load() -> "Detector":
        from edgekit.detectors.registry import load_detector

        where = f"[{name}] of {space.project.path.name}"
        detector = load_detector(table, space.project.base, where)
        _tell(space, name, detector)
        return detector

    loaded: Detector = space.remember(name, load)
    return loaded


def _tell(space: Workspace, name: str, detector: "Detector") -> None:
    for note in detector.notes:
        space.reporter.done(name, note)


def student_folder(space: Workspace) -> Path:
    """Distil the student unless that is done, and return its folder."""
    folder: Path = space.remember("distill", lambda: _distill(space))
    return folder


def _distill(space: Workspace) -> Path:
    settings = space.project.settings
    assert settings.teacher is not None
    assert settings.student is not None
    data.refuse_leaks(space)
    depends = {
        "teacher": source_sha256(space, settings.teacher),
        "student": settings.student.to_json(),
        "checkpoint": source_sha256(space, {"checkpoint": settings.student.checkpoint}),
        "distill": settings.distill.to_json(),
        "train": data.split_sha256(space, "train"),
        "validation": data.split_sha256(space, "validation"),
        "tools": {name: tool_versions()[name] for name in ("torch", "timm")},
        "code": code_sha256("distill", "detectors", *SAMPLES),
    }
    folder = space.project.output / "student"
    return space.made("distill", folder, depends, lambda: _teach(space, folder))


def _teach(space: Workspace, folder: Path) -> str:
    from edgekit.detectors.detector import save_detector
    from edgekit.detectors.timm import new_student
    from edgekit.distill.distill import distill

    settings = space.project.settings
    assert settings.student is not None
    source = teacher(space)
    checkpoint = settings.student.checkpoint
    untrained = new_student(
        settings.student.model,
        source.signature,
        settings.student.image_size,
        settings.distill.seed,
        space.project.base / checkpoint if checkpoint else None,
        settings.student.weights_key,
        **settings.student.options,
    )
    _tell(space, "student", untrained)
    trained = distill(
        source,
        untrained,
        data.split(space, "train", untrained.signature),
        data.split(space, "validation", untrained.signature),
        settings.distill,
        space.reporter.advance,
    )
    save_detector(trained, folder)
    parameters = sum(weight.numel() for weight in trained.model.parameters())
    return f"{settings.student.model}, {parameters / 1e6:.2f} million parameters"


def test_logits(space: Workspace, name: str) -> NDArray[np.float32]:
    """Return the logits of `teacher` or `student` on the test set, float32 [N, C]."""
    logits: NDArray[np.float32] = space.remember(
        f"{name} logits", lambda: np.load(_score(space, name), allow_pickle=False)
    )
    return logits


def _score(space: Workspace, name: str) -> Path:
    table = space.project.settings.teacher
    source = student_sha256(space) if name == "student" else source_sha256(space, table or {})
    path = space.project.output / "scores" / f"{name}.npy"
    depends = {
        "detector": source,
        "test": data.split_sha256(space, "test"),
        "code": code_sha256("detectors", "verify/score.py", *SAMPLES),
    }

    def make() -> str:
        from edgekit.detectors.score import score

        detector = student(space) if name == "student" else teacher(space)
        samples = data.split(space, "test", detector.signature)
        buffer = io.BytesIO()
        np.save(buffer, score(detector, samples, space.reporter.advance))
        write_whole(path, buffer.getvalue())
        return f"{len(samples)} test images"

    return space.made(f"score {name}", path, depends, make)
