"""`edgekit distill`: teach the student."""

from edgekit.cli.options import HERE, ForceOption, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.work import workspace


def distill(
    project: ProjectOption = HERE, as_json: JsonOption = False, force: ForceOption = False
) -> None:
    """Distil the teacher into the student."""
    with workspace(project, as_json, "distill" if force else None) as (current, space):
        from edgekit.errors import InputError
        from edgekit.hashes import size_of
        from edgekit.steps import detectors

        if space.project.settings.detector is not None:
            raise InputError(
                f"{space.project.path} has [detector], which needs no distillation",
                "Give [teacher] and [student] instead, or go on with edgekit export",
            )
        folder = detectors.student_folder(space)
        size = size_of(folder / "weights.safetensors")
        current.emit({"student": here(folder), "size_bytes": size})
        current.say(f"student: {here(folder)} ({size / 1e6:.2f} MB)")
