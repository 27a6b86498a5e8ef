"""Search the precision of a target's bundle; what was tried once is never tried again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.devices.device import Device
from edgekit.files import write_whole
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.results.search import SearchResult
from edgekit.steps import calibrate, data, detectors
from edgekit.steps.workspace import (
    SAMPLES,
    Workspace,
    code_sha256,
    machine_of,
    tool_versions,
)
from edgekit.target import Target

if TYPE_CHECKING:
    from edgekit.export.recipe import Recipe
    from edgekit.export.student import Student
    from edgekit.search.choose import Found
    from edgekit.search.trial import Trial


def search(
    space: Workspace, target: Target, student: Callable[[], "Student"], device: Device
) -> Path:
    """Search for one target on the validation set, unless that is done.

    Trials stay in `<output>/search/<target>-<key>/trials.jsonl`; the picture of all is
    `<output>/search/<target>.svg`.

    Args:
        space: the project's workspace.
        target: for which device family.
        student: brings together what is built from; called only when there is something to do.
        device: where candidates run.

    Returns:
        the file with what was found, `<output>/search/<target>.json`.

    Raises:
        InputError: when the project names no validation set, or it overlaps with others.
        UnavailableError: when the target's runtime does not run here.
    """
    refuse_overlaps(space)
    path = _file(space, target.name)
    settings = space.project.settings

    def make() -> str:
        from edgekit.report.trials import picture

        found = _search(space, target, student(), device)
        result = found.result(settings.budget.auc, device.name)
        write_whole(path.with_suffix(".svg"), picture(result, alone=True).encode())
        result.write(path)
        return found.describe()

    depends = {**_decisive(space, target, device), "seconds": settings.search.seconds}
    return space.made(f"search {target.name}", path, depends, make)


def refuse_overlaps(space: Workspace) -> None:
    """Refuse a validation set that shares files with the calibration or the test set.

    Raises:
        InputError: naming the first file that is in two sets, or that there is no validation set.
    """
    data.split_sha256(space, "validation")
    space.remember(
        "overlaps", lambda: data.refuse_shared(space, "validation", ("calibration", "test"))
    )


def recipe(path: Path) -> "Recipe":
    """Read the chosen Recipe out of what `search` left."""
    from edgekit.export.recipe import Recipe

    return Recipe.parse(SearchResult.read(path).recipe, path)


def row(space: Workspace, target: str) -> SearchResult:
    """Return what the search came to, without its Recipe, which the manifest has."""
    return SearchResult.read(_file(space, target)).model_copy(update={"recipe": None})


def _file(space: Workspace, target: str) -> Path:
    return space.project.output / "search" / f"{target}.json"


def _decisive(space: Workspace, target: Target, device: Device) -> dict[str, Any]:
    """Return everything that a trial's result depends on; how long the search lasts does not."""
    settings = space.project.settings
    return {
        "student": detectors.student_sha256(space),
        "corrections": settings.quantization.corrections,
        "ranges": sha256_tree(calibrate.ranges_file(space)),
        "heldout": data.split_sha256(space, "validation"),
        "target": target.to_json(),
        "budget": settings.budget.to_json(),
        "search": settings.search.model_dump(mode="json", exclude={"seconds"}),
        "bench": settings.bench.to_json(),
        "machine": machine_of(device, target.runner),
        "tools": tool_versions(),
        "code": code_sha256(
            "export", "calibration", "search", "verify", "bench", "devices", "detectors", *SAMPLES
        ),
    }


def _search(space: Workspace, target: Target, student: "Student", device: Device) -> "Found":
    from edgekit.search.bench import open_bench
    from edgekit.search.search import search as run
    from edgekit.search.trial import Trials

    key = sha256_json(_decisive(space, target, device))[:16]
    folder = space.project.output / "search" / f"{target.name}-{key}"
    heldout = data.split(space, "validation", student.detector.signature)
    settings = space.project.settings
    with open_bench(
        student,
        target,
        device,
        heldout,
        settings.budget,
        settings.search,
        settings.bench,
        folder,
        settings.quantization.corrections,
    ) as bench:
        return run(bench, Trials(folder / "trials.jsonl"), lambda *made: _say(space, *made))


def _say(space: Workspace, trial: "Trial", reused: bool) -> None:
    space.reporter.done(f"try {trial.recipe.name}", trial.line(), reused)
    space.reporter.start("the next candidate")  # its line shall not count the time of this one
