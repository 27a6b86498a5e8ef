"""The data of a project: made when it is the sample data, looked through, checked for leaks."""

from pathlib import Path
from typing import Literal

from edgekit.dataset import Dataset, open_dataset
from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_file
from edgekit.listing import list_folder
from edgekit.signature import Signature
from edgekit.steps.workspace import SAMPLES, Workspace, code_sha256
from edgekit.survey import Survey, survey

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
    """Hash a split's files, those behind links too; they must exist.

    Raises:
        InputError: when the folder is missing or cannot be read.
    """
    sample_data(space)
    folder = space.project.data_folder(split)
    if not folder.is_dir():
        raise InputError(f"dataset folder {folder} does not exist", "Check [data] in edgekit.toml")
    digest: str = space.remember(f"sha256 {folder}", lambda: list_folder(folder).sha256())
    return digest


def split(space: Workspace, name: Split, signature: Signature) -> Dataset:
    """Open a split for a Signature, and say once what its files are; see `looked_through`."""
    sample_data(space)
    data = open_dataset(space.project.data_folder(name), signature)
    space.remember(f"{name} files", lambda: _look_through(space, name, data))
    return data


def looked_through(space: Workspace, name: Split, signature: Signature) -> Survey:
    """Return what a split's files are: what was left out, and where a policy mattered.

    It is kept in `<output>/files/<split>.json`, and its line is the step `<split> files`.
    """
    split(space, name, signature)
    path: Path = space.memory[f"{name} files"]
    return Survey.parse(read_json(path), path)


def _look_through(space: Workspace, name: Split, data: Dataset) -> Path:
    path = space.project.output / "files" / f"{name}.json"
    rules = {spec.name: spec.preprocessing for spec in data.signature.inputs}
    depends = {
        "files": split_sha256(space, name),
        "classes": data.signature.classes,
        "inputs": {key: rule and [rule.orientation, rule.alpha] for key, rule in rules.items()},
        "code": code_sha256("survey.py", *SAMPLES),
    }

    def make() -> str:
        found = survey(data)
        write_json(path, found.to_json())
        return "; ".join((f"{found.samples} samples", *found.notes))

    return space.made(f"{name} files", path, depends, make, part=True)


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
    listing = list_folder(folder)
    return sorted([*listing.pictures, *listing.arrays])
