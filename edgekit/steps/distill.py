"""Distil the student from the teacher."""

from pathlib import Path

from edgekit.steps.data import split
from edgekit.steps.leaks import refuse_leaks
from edgekit.steps.loading import LOADER, source_input, teacher, tell
from edgekit.steps.splits import split_input
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace


def distill_step(space: Workspace) -> Step:
    """Declare the distillation, which leaves the student's folder."""
    settings, folder = space.project.settings, space.project.output / "student"
    assert settings.student is not None
    return Step(
        name="distill",
        output=folder,
        entries=("edgekit.face.distill", LOADER),
        make=lambda: _teach(space, folder),
        inputs={
            "teacher": source_input(space, settings.teacher or {}),
            "checkpoint": source_input(space, {"checkpoint": settings.student.checkpoint}),
            "train": split_input(space, "train"),
            "validation": split_input(space, "validation"),
        },
        settings={"student": settings.student.to_json(), "distill": settings.distill.to_json()},
        checks=(lambda: refuse_leaks(space),),
    )


def _teach(space: Workspace, folder: Path) -> str:
    from edgekit.detectors.detector import save_detector
    from edgekit.detectors.timm import new_student
    from edgekit.face.distill import distill

    settings = space.project.settings
    assert settings.student is not None
    source, checkpoint = teacher(space), settings.student.checkpoint
    untrained = new_student(
        settings.student.model,
        source.signature,
        settings.student.image_size,
        settings.distill.seed,
        space.project.base / checkpoint if checkpoint else None,
        settings.student.weights_key,
        **settings.student.options,
    )
    tell(space, "student", untrained)
    trained = distill(
        source,
        untrained,
        split(space, "train", untrained.signature),
        split(space, "validation", untrained.signature),
        settings.distill,
        progress=space.reporter.advance,
    )
    save_detector(trained, folder)
    parameters = sum(weight.numel() for weight in trained.model.parameters())
    return f"{settings.student.model}, {parameters / 1e6:.2f} million parameters"
