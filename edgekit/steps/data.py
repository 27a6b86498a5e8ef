"""The data of a project: made when it is the sample data, and checked for leaks."""

from pathlib import Path
from typing import Literal

from edgekit.dataset import Dataset, open_dataset
from edgekit.errors import InputError
from edgekit.hashes import sha256_file
from edgekit.images import SUFFIXES
from edgekit.signature import Signature
from edgekit.steps.workspace import Workspace, code_sha256

Split = Literal["train", "validation", "calibration", "test"]


def sample_data(space: Workspace) -> None:
    """Make edgekit's own sample data, where the project asks for it."""
    seed = space.project.settings.data.sample
    if seed is None:
        return
    space.remember("sample data", lambda: _make(space, seed))


def _make(space: Workspace, seed: int) -> Path:
    folder = space.project.output / "data"

    def make() -> str:
        from edgekit.sample.dataset import make_dataset

        make_dataset(folder, seed, space.reporter.advance)
        count = sum(1 for path in folder.rglob("*.jpg"))
        return f"{count} images of photographs and their re-syntheses"

    depends = {"seed": seed, "code": code_sha256("sample")}
    return space.made("sample data", folder, depends, make)


def split_sha256(space: Workspace, split: Split) -> str:
    """Hash a split's files; they must exist.

    Raises:
        InputError: when the folder is missing.
    """
    sample_data(space)
    folder = space.project.data_folder(split)
    if not folder.is_dir():
        raise InputError(f"dataset folder {folder} does not exist", "Check [data] in edgekit.toml")
    return space.tree_sha256(folder)


def split(space: Workspace, name: Split, signature: Signature) -> Dataset:
    """Open a split for a Signature."""
    sample_data(space)
    return open_dataset(space.project.data_folder(name), signature)


def seen_slices(space: Workspace) -> frozenset[str] | None:
    """Name the slices of the training set; None where there is none to look at."""
    sample_data(space)
    settings = space.project.settings.data
    if settings.sample is None and settings.train is None:
        return None
    folder = space.project.data_folder("train")
    if not folder.is_dir():
        return None
    return frozenset(each.name for each in folder.glob("*/*") if each.is_dir())


def refuse_leaks(space: Workspace) -> None:
    """Refuse a test set that shares files with what the student was made from.

    Raises:
        InputError: naming the first file that is in two splits.
    """
    sample_data(space)
    space.remember("leaks", lambda: _refuse_leaks(space))


def _refuse_leaks(space: Workspace) -> None:
    others: tuple[Split, ...] = ("calibration", "train", "validation")
    if space.project.settings.detector is not None:
        others = ("calibration",)
    refuse_shared(space, "test", others)


def refuse_shared(space: Workspace, held: Split, others: tuple[Split, ...]) -> None:
    """Refuse a held-out set that shares files with other sets.

    Raises:
        InputError: naming the first file that is in two sets.
    """
    own = {sha256_file(path): path for path in _files(space.project.data_folder(held))}
    for name in others:
        for path in _files(space.project.data_folder(name)):
            twin = own.get(sha256_file(path))
            if twin is not None:
                raise _leak(name, path, held, twin)


def _leak(name: Split, path: Path, held: Split, twin: Path) -> InputError:
    where = f"{path} of the {name} set"
    if path.resolve() == twin.resolve():
        what = f"{where} is in the {held} set too: the two folders overlap"
    else:
        what = f"{where} is the same file as {twin} of the {held} set"
    return InputError(what, _USES[held])


_USES: dict[Split, str] = {
    "test": "Test on images that nothing else has seen",
    "validation": "Choose the precision on images that neither calibration nor test uses",
}


def _files(folder: Path) -> list[Path]:
    endings = (*SUFFIXES, ".npy")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)
