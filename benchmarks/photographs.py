"""The photographs that the task is made of: a folder or zip of them, or the sample's own."""

import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgekit.errors import InputError
from edgekit.images import SUFFIXES
from edgekit.sample import photographs as sample

Pixels = NDArray[np.uint8]

SIDE = 256  # pixels of every picture of the task
# How photographs are shared out: parts of their sum.
SHARES = {"test": 280, "heldout": 190, "calibration": 60, "validation": 50, "train": 180}
SPLITS = tuple(SHARES)
_FEWEST = 20

_SAMPLE = {
    "test": ("chelsea", "camera", "rocket"),
    "heldout": ("retina", "gravel"),
    "calibration": ("hubble", "clock"),
    "validation": ("coffee",),
    "train": ("astronaut", "grass", "brick"),
}


@dataclass(frozen=True)
class Photograph:
    """One photograph.

    Attributes:
        name: differs from every other's; the pictures' file names begin with it.
        read: gives its pixels, uint8 [height, width, 3], each side at least `SIDE`.
    """

    name: str
    read: Callable[[], Pixels]


def split_photographs(place: Path | None, seed: int) -> dict[str, list[Photograph]]:
    """Give every photograph to one split.

    Args:
        place: a folder or a zip of photographs; the sample's own when None.
        seed: decides which photograph goes where; the sample's have fixed places.

    Raises:
        InputError: when `place` holds too few photographs, or is not there.
    """
    if place is None:
        return {split: [_of_sample(name) for name in names] for split, names in _SAMPLE.items()}
    found = _in_zip(place) if place.is_file() else _in_folder(place)
    if len(found) < _FEWEST:
        raise InputError(
            f"{place} holds {len(found)} photographs, the task needs at least {_FEWEST}",
            "Name a folder or zip of photographs",
        )
    order = np.random.default_rng(seed).permutation(len(found))
    return _divide([found[index] for index in order])


def _divide(photographs: Sequence[Photograph]) -> dict[str, list[Photograph]]:
    """Cut a row of photographs where the shares say."""
    edges = np.cumsum([0, *SHARES.values()]) * len(photographs) // sum(SHARES.values())
    return {
        split: list(photographs[edges[number] : edges[number + 1]])
        for number, split in enumerate(SPLITS)
    }


def _of_sample(name: str) -> Photograph:
    found = next(item for item in sample.PHOTOGRAPHS if item.name == name)
    return Photograph(name, partial(sample.load, found))


def _in_folder(folder: Path) -> list[Photograph]:
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist", "Name a folder or zip of photographs")
    names = {str(path.relative_to(folder)): path.read_bytes for path in sorted(folder.rglob("*"))}
    return _readable(names)


def _in_zip(path: Path) -> list[Photograph]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is no zip", "Name a folder or zip of photographs") from error
    return _readable({name: partial(archive.read, name) for name in sorted(archive.namelist())})


def _readable(files: Mapping[str, Callable[[], bytes]]) -> list[Photograph]:
    """Keep what is an image by its name; a file in a subfolder keeps that in its name."""
    found = {
        name: "_".join(PurePosixPath(name).with_suffix("").parts)
        for name in files
        if PurePosixPath(name).suffix.lower() in SUFFIXES
    }
    for short, count in Counter(found.values()).items():
        if count > 1:
            raise InputError(f"{count} photographs are called {short!r}", "Rename all but one")
    return [Photograph(short, partial(_decode, name, files[name])) for name, short in found.items()]


def _decode(name: str, read: Callable[[], bytes]) -> Pixels:
    try:
        with Image.open(BytesIO(read())) as image:
            pixels = np.asarray(image.convert("RGB"))
    except OSError as error:
        raise InputError(f"{name} is no readable image", "Remove it") from error
    if min(pixels.shape[:2]) < SIDE:
        raise InputError(f"{name} is smaller than {SIDE} x {SIDE}", "Remove it")
    return pixels
