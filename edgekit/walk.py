"""Every file below a folder.

Links to folders are followed, each folder once: real folders first, then links in the order of
their names, so that a link never takes a real folder's place. What a system leaves behind by itself
(hidden files, thumbnails) is passed over in silence.
"""

import os
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path

from edgekit.errors import InputError

_FOLDERS = ("folder", "link")
_SYSTEM = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir")


def composed(name: str) -> str:
    """Write a name in Unicode's composed form (NFC); macOS gives names decomposed."""
    return unicodedata.normalize("NFC", name)


def walk(folder: Path, first: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield every file with "", and everything that cannot be one with the reason.

    Args:
        folder: where to begin.
        first: folders in it, under their composed names, whose links are followed before the other
            folders are read: what such a link names belongs where the link is.

    Raises:
        InputError: when a folder is missing or may not be read.
    """
    top = _entries(folder)
    seen = {_identity(folder)}
    yield from ((path, kind) for path, kind in top if kind not in _FOLDERS)
    for asked in (True, False):
        starts = [each for each in top if (composed(each[0].name) in first) is asked]
        yield from _below(starts, folder, seen)


def _below(
    starts: list[tuple[Path, str]], folder: Path, seen: set[tuple[int, int]]
) -> Iterator[tuple[Path, str]]:
    folders = [path for path, kind in starts if kind == "folder"]
    links = sorted(path for path, kind in starts if kind == "link")
    while folders or links:
        here, linked = (folders.pop(), False) if folders else (links.pop(0), True)
        fault = _link_fault(here, folder, seen) if linked else ""
        if fault:
            yield here, fault
        if _identity(here) in seen:
            continue
        seen.add(_identity(here))
        entries = _entries(here)
        yield from ((path, kind) for path, kind in entries if kind not in _FOLDERS)
        folders += [path for path, kind in entries if kind == "folder"]
        links = sorted([*links, *(path for path, kind in entries if kind == "link")])


def _entries(folder: Path) -> list[tuple[Path, str]]:
    """List a folder: what a path is ("folder", "link" to one, "" for a file), or why it is none."""
    try:
        return [
            (folder / name, _kind(folder / name)) for name in os.listdir(folder) if _shown(name)
        ]
    except OSError as error:
        raise InputError(
            f"cannot list folder {folder}: {error.strerror}", "Check the path and its permissions"
        ) from error


def _shown(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in _SYSTEM


def _kind(path: Path) -> str:
    if path.is_dir():
        return "link" if path.is_symlink() else "folder"
    if path.is_file():
        return ""
    return "link to nothing" if path.is_symlink() else "neither file nor folder"


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _link_fault(link: Path, folder: Path, seen: set[tuple[int, int]]) -> str:
    if folder.resolve().is_relative_to(link.resolve()):
        seen.add(_identity(link))
        return "link to a folder that holds the dataset"
    return "link to a folder that is read already" if _identity(link) in seen else ""
