"""Which files of a dataset's folder are samples, and which are not and why.

Pictures are told by their suffix, or by their content where the suffix says nothing. Everything
that is no sample is named, but for what a system leaves behind by itself: see `walk.py`.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edgekit.contents import advice_for
from edgekit.errors import InputError
from edgekit.hashes import sha256_file
from edgekit.images import is_picture, reads_heif, suffixes
from edgekit.settings import Settings
from edgekit.walk import walk

ARRAYS = (".npy",)
# Downloads that were not finished hold the first bytes of a picture, and no whole one.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp")


class LeftOut(Settings):
    """Files that are no samples, of one kind.

    Attributes:
        kind: their suffix, or why they are none.
        count: how many.
        example: path of the first one, relative to the dataset's folder, fit to be printed.
        advice: what to do about them, or "".
    """

    kind: str
    count: int
    example: str
    advice: str = ""


@dataclass(frozen=True)
class Listing:
    """The files of a folder, in the order of their paths.

    Attributes:
        folder: where they lie.
        pictures: files of the formats that are read.
        arrays: `.npy` files.
        others: everything else, with the reason for which it is no sample: a suffix, or words.
    """

    folder: Path
    pictures: tuple[Path, ...]
    arrays: tuple[Path, ...]
    others: tuple[tuple[str, Path], ...]

    @property
    def count(self) -> int:
        """How many files there are, samples or not."""
        return len(self.pictures) + len(self.arrays) + len(self.others)

    def sha256(self) -> str:
        """Hash names and bytes of all files, and whether HEIF is read; hexadecimal SHA-256.

        Raises:
            InputError: when a file cannot be read.
        """
        digest = hashlib.sha256()
        reasons = {path: kind for kind, path in self.others}
        for path in sorted([*self.pictures, *self.arrays, *reasons]):
            name = path.relative_to(self.folder).as_posix()
            content = _sha256(path) if path.is_file() else reasons[path]
            digest.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
        if reads_heif():
            digest.update(b"HEIF")
        return digest.hexdigest()


def list_folder(folder: Path, first: Collection[str] = ()) -> Listing:
    """Sort a folder's files into pictures, arrays and others; nothing is decoded.

    Args:
        folder: the dataset's.
        first: folders in it, under their composed names, whose links are followed before the other
            folders are read: what such a link names belongs where the link is.

    Raises:
        InputError: when the folder, or one in it, is missing or may not be read.
    """
    pictures: list[Path] = []
    arrays: list[Path] = []
    others: list[tuple[str, Path]] = []
    known = suffixes()
    for path, fault in sorted(walk(folder, first)):
        suffix = path.suffix.lower()
        if fault:
            others.append((fault, path))
        elif suffix in ARRAYS:
            arrays.append(path)
        elif suffix in known or (suffix not in _UNFINISHED and is_picture(path)):
            pictures.append(path)
        else:
            others.append((suffix or "without a suffix", path))
    return Listing(folder, tuple(pictures), tuple(arrays), tuple(others))


def count_left_out(folder: Path, others: list[tuple[str, Path]]) -> tuple[LeftOut, ...]:
    """Count by reason what is no sample, the most frequent first."""
    groups: dict[str, list[Path]] = {}
    for kind, path in others:
        groups.setdefault(kind, []).append(path)
    found = (
        LeftOut(
            kind=printable(kind),
            count=len(paths),
            example=printable(min(paths).relative_to(folder).as_posix()),
            advice=advice_for(kind),
        )
        for kind, paths in groups.items()
    )
    return tuple(sorted(found, key=lambda each: (-each.count, each.kind)))


def printable(name: str) -> str:
    """Write a name so that its line stays one line: what cannot be printed becomes an escape."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )


def _sha256(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "Check the file") from error
