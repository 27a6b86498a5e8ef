"""The splits of a project's data as inputs of steps; made when they are the sample data."""

from pathlib import Path
from typing import Literal

from edgekit.errors import InputError
from edgekit.groups import rule_of
from edgekit.listing import list_folder
from edgekit.sheet import grouped, is_sheet, read_sheet, sheet_sha256
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace

Split = Literal["train", "validation", "calibration", "test"]


def sample_step(space: Workspace) -> Step | None:
    """Declare the making of edgekit's own sample data, where the project asks for it."""
    seed = space.project.settings.data.sample
    if seed is None:
        return None
    folder = space.project.output / "data"

    def make() -> str:
        from edgekit.sample.dataset import make_dataset

        make_dataset(folder, seed, space.reporter.advance)
        count = sum(1 for path in folder.rglob("*.jpg"))
        return f"{count} images of photographs and their re-syntheses"

    entries = ("edgekit.sample.dataset",)
    return Step("sample data", folder, entries, make, settings={"seed": seed})


def sample_data(space: Workspace) -> None:
    """Make edgekit's own sample data, where the project asks for it."""
    step = sample_step(space)
    if step is not None:
        space.made(step)


def split_input(space: Workspace, split: Split) -> Input:
    """Return a split as a step's input."""
    return Input(lambda: split_sha256(space, split), sample_step(space))


def split_sha256(space: Workspace, split: Split) -> str:
    """Hash a split's files, those behind links too; they must exist.

    Raises:
        InputError: when the folder is missing or cannot be read.
    """
    source = split_folder(space, split)
    if not source.is_dir() and not is_sheet(source):
        raise InputError(f"dataset folder {source} does not exist", "Check [data] in edgekit.toml")
    digest: str = space.remember(f"sha256 {source}", lambda: _sha256(source))
    return digest


def _sha256(source: Path) -> str:
    return sheet_sha256(source) if is_sheet(source) else list_folder(source).sha256()


def split_folder(space: Workspace, split: Split) -> Path:
    """Return a split's folder, made where it is sample data, or the sheet that lists its files.

    Raises:
        InputError: when the project file names none.
    """
    sample_data(space)
    return space.project.data_folder(split)


def groups_setting(space: Workspace) -> dict[str, str]:
    """Return what steps are told of groups; nothing where the project tells none."""
    groups = space.project.settings.data.groups
    return {} if groups is None else {"groups": groups}


def files_and_groups(space: Workspace, split: Split) -> dict[Path, str | None]:
    """Return every file of a split with its group; None for a file that stands by itself."""
    source, rule = split_folder(space, split), rule_of(space.project.settings.data.groups)
    if is_sheet(source):
        rows = grouped(read_sheet(source), rule, source)
        return {each.path: each.group for each in rows}
    listing = list_folder(source)
    found: dict[Path, str | None] = {}
    for path in sorted([*listing.pictures, *listing.arrays]):
        _, *folders = path.relative_to(source).parent.parts or ("",)
        found[path] = None if rule is None else rule.of(folders, path.name)[1]
    return found


def seen_slices(space: Workspace) -> frozenset[str] | None:
    """Name the slices of the training set; None where there is none to look at."""
    settings = space.project.settings.data
    if settings.sample is None and settings.train is None:
        return None
    source = split_folder(space, "train")
    if is_sheet(source):
        return frozenset(each.slice for each in read_sheet(source)) - {""}
    if not source.is_dir():
        return None
    return frozenset(each.name for each in source.glob("*/*") if each.is_dir())


def seen_input(space: Workspace) -> Input:
    """Return the slices that training saw as a step's input."""

    def names() -> list[str] | None:
        seen = seen_slices(space)
        return None if seen is None else sorted(seen)

    return Input(names, sample_step(space))
