"""Search the precision of a target's bundle; what was tried once is never tried again."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.devices.device import Device
from edgekit.files import write_whole
from edgekit.hashes import sha256_json
from edgekit.results.search import SearchResult
from edgekit.settings import Json
from edgekit.steps import calibrate, data, detectors
from edgekit.steps.leaks import refuse_overlaps
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import groups_setting, split_input
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace
from edgekit.target import Target

if TYPE_CHECKING:
    from edgekit.search.choose import Found
    from edgekit.search.trial import Trial


def search_step(space: Workspace, target: Target, device: Device) -> Step:
    """Declare the search for one target on the validation set.

    It leaves the file with what was found, `<output>/search/<target>.json`. Trials stay in
    `<output>/search/<target>-<key>/trials.jsonl`; the picture of all is
    `<output>/search/<target>.svg`.

    Args:
        space: the project's workspace.
        target: for which device family.
        device: where candidates run.
    """
    settings = space.project.settings
    inputs = {
        "student": detectors.detector_input(space, "student"),
        "ranges": space.left_by(calibrate.calibrate_step(space)),
        "calibration": split_input(space, "calibration"),
        "validation": split_input(space, "validation"),
    }
    local = device.settings.transport == "local"
    return Step(
        name=f"search {target.name}",
        output=_file(space, target.name),
        entries=("edgekit.search.library", calibrate.CALIBRATE, LOADER),
        make=lambda: _make(space, target, device),
        inputs=inputs if local else {**inputs, "board": Input(lambda: _about(device))},
        settings={
            "target": target.to_json(),
            "corrections": settings.quantization.corrections,
            "budget": settings.budget.to_json(),
            "search": settings.search.to_json(),
            "bench": settings.bench.to_json(),
            "device": device.settings.to_json(),
            **groups_setting(space),
        },
        runner=target.runner if local else None,
        checks=(lambda: refuse_overlaps(space),),
    )


def _make(space: Workspace, target: Target, device: Device) -> str:
    from edgekit.report.trials import picture

    path = _file(space, target.name)
    found = _search(space, target, device)
    result = found.result(space.project.settings.budget.auc, device.name)
    write_whole(path.with_suffix(".svg"), picture(result, alone=True).encode())
    result.write(path)
    return found.describe()


def _about(device: Device) -> Json:
    """Return what of a board decides a search; connects to it."""
    found = device.probe()
    return {"machine": found.machine, "runtimes": found.runtimes}


def row(space: Workspace, target: str) -> SearchResult:
    """Return what the search came to, without its Recipe, which the manifest has."""
    return SearchResult.read(_file(space, target)).model_copy(update={"recipe": None})


def _file(space: Workspace, target: str) -> Path:
    return space.project.output / "search" / f"{target}.json"


def trials_key(space: Workspace, step: Step) -> str:
    """Hash what a trial's result depends on; how long the search lasts does not count."""
    key = space.key_of(step)
    settings = {name: value for name, value in key["setting"].items() if name != "search.seconds"}
    return sha256_json({**key, "setting": settings})[:16]


def _search(space: Workspace, target: Target, device: Device) -> "Found":
    from edgekit.search.library import search_recipe

    key = trials_key(space, search_step(space, target, device))
    student, settings = calibrate.student(space), space.project.settings
    return search_recipe(
        student,
        target,
        data.split(space, "validation", student.detector.signature),
        settings.budget,
        device,
        settings.search,
        settings.bench,
        space.project.output / "search" / f"{target.name}-{key}",
        lambda *made: _say(space, *made),
    )


def _say(space: Workspace, trial: "Trial", reused: bool) -> None:
    space.reporter.done(f"try {trial.recipe.name}", trial.line(), reused)
    space.reporter.start("the next candidate")  # its line shall not count the time of this one
