"""Checkpoints in several files: an index says which tensor lies in which shard.

The format is Hugging Face's: `model.safetensors.index.json` or `pytorch_model.bin.index.json`, with
a `weight_map` from names to files of the same folder. Nothing heavy is imported here, because the
cache of finished steps asks which files a checkpoint is.
"""

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import ForeignJson

SUFFIX = ".index.json"
_SHARD = re.compile(r"(.+)-(\d+)-of-(\d+)(\.\w+)")


def is_index(path: Path) -> bool:
    """Tell by its name whether a file is an index of shards."""
    return path.name.endswith(SUFFIX)


def index_beside(path: Path) -> str | None:
    """Return the name of the index that a shard belongs to; None where the name is no shard's."""
    match = _SHARD.fullmatch(path.name)
    return f"{match[1]}{match[4]}{SUFFIX}" if match else None


def shards_of(index: Path) -> dict[Path, set[str]]:
    """Return every shard with the names of its tensors.

    Raises:
        InputError: when the index is damaged, names a file outside its folder, or a shard is
            missing.
    """
    shards: dict[Path, set[str]] = {}
    for name, file in _weight_map(index).items():
        shards.setdefault(index.parent / _plain(file, index), set()).add(name)
    missing = [path.name for path in shards if not path.is_file()]
    if missing:
        raise InputError(
            f"{len(missing)} of the {len(shards)} shards of {index} are missing, first "
            f"{missing[0]!r}",
            "Copy them into its folder",
        )
    return shards


def _weight_map(index: Path) -> ForeignJson:
    found = read_json(index)
    names = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(names, dict) or not names:
        raise InputError(f"{index} has no weight_map", "Copy the index again")
    return names


def _plain(file: Any, index: Path) -> str:
    """Let through names of files in the folder alone; links there are the hub's own way."""
    parts = (PurePosixPath(str(file)).parts, PureWindowsPath(str(file)).parts)
    if not isinstance(file, str) or any(len(part) != 1 for part in parts) or file in ("", ".."):
        raise InputError(
            f"{index} names {file!r}, which is no file of its folder",
            "Take the index that came with the weights",
        )
    return file
