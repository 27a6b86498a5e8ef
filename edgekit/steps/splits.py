"""The splits of a project's data as inputs of steps; made when they are the sample data."""

from pathlib import Path
from typing import Literal

from edgekit.errors import InputError
from edgekit.listing import list_folder
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
    folder = split_folder(space, split)
    if not folder.is_dir():
        raise InputError(f"dataset folder {folder} does not exist", "Check [data] in edgekit.toml")
    digest: str = space.remember(f"sha256 {folder}", lambda: list_folder(folder).sha256())
    return digest


def split_folder(space: Workspace, split: Split) -> Path:
    """Return a split's folder, made where it is sample data.

    Raises:
        InputError: when the project file names none.
    """
    sample_data(space)
    return space.project.data_folder(split)


def seen_slices(space: Workspace) -> frozenset[str] | None:
    """Name the slices of the training set; None where there is none to look at."""
    settings = space.project.settings.data
    if settings.sample is None and settings.train is None:
        return None
    folder = split_folder(space, "train")
    if not folder.is_dir():
        return None
    return frozenset(each.name for each in folder.glob("*/*") if each.is_dir())


def seen_input(space: Workspace) -> Input:
    """Return the slices that training saw as a step's input."""

    def names() -> list[str] | None:
        seen = seen_slices(space)
        return None if seen is None else sorted(seen)

    return Input(names, sample_step(space))
