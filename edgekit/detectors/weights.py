"""Read weights without ever unpickling: safetensors, or torch files with `weights_only=True`.

There is no fallback to an unsafe load: torch before 2.10 can be made to run code even then
(CVE-2025-32434, CVE-2026-24747), which the version bound in pyproject.toml rules out.
"""

import re
import warnings
from pathlib import Path

import torch

from edgekit.detectors.foreign import is_safetensors, refuse_foreign
from edgekit.detectors.shards import is_index, shards_of
from edgekit.detectors.states import Keep, State, find_state, under
from edgekit.errors import InputError

_GLOBAL = re.compile(r"(?:GLOBAL|class|global:?) ([A-Za-z_][\w.]*\.\w+)")
_CONVERT = "Save its state_dict alone: docs/detectors.md, Weights, shows how"


def read_weights(path: Path, keep: Keep = lambda name: True, key: str | None = None) -> State:
    """Read a flat dictionary of tensors.

    What a file is, its content tells and not its suffix. A torch file may nest the weights, as
    training scripts do; an index of shards is read with all of its shards.

    Args:
        path: safetensors, a torch file that holds tensors alone, or an index of shards.
        keep: tells by name which tensors are wanted; the others cost no memory.
        key: which weights to take where there are several, as in `weights_key`.

    Raises:
        InputError: when the file is missing, truncated, something else than weights, holds pickled
            objects, or several sets of weights and no key says which.
    """
    if is_index(path):
        return under(_read_shards(path, keep), key, path)
    refuse_foreign(path)
    if is_safetensors(path) or (path.suffix == ".safetensors" and not _is_torch(path)):
        return under(_read_safetensors(path, keep), key, path)
    return find_state(_read_torch(path), path, key, keep)


def _is_torch(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4)[:1] in (b"P", b"\x80")


def _read_shards(index: Path, keep: Keep) -> State:
    weights: State = {}
    for shard, names in shards_of(index).items():
        wanted = {name for name in names if keep(name)}
        found = read_weights(shard, lambda name, wanted=wanted: name in wanted)  # type: ignore[misc]
        lost = sorted(wanted - found.keys())
        if lost:
            raise InputError(
                f"shard {shard} lacks {lost[0]!r}, which {index.name} says it holds",
                "Copy index and shards again, all from the same place",
            )
        weights |= found
    return weights


def _read_safetensors(path: Path, keep: Keep) -> State:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if keep(name)}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"weights {path} are not a whole safetensors file: {_line(error)}",
            "Copy or make the file again",
        ) from error


def _read_torch(path: Path) -> object:
    from pickle import UnpicklingError  # the type only: nothing is unpickled here

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's advice about the file's format
            # A file and not its name, by whose suffix torch would choose another reader.
            with path.open("rb") as file:
                return torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise _pickled(path, error) from error
    except Exception as error:  # damaged bytes make torch's reader raise IndexError and any other
        raise InputError(
            f"weights {path} are truncated or no file of tensors: {_line(error)}",
            "Copy the file again, or save the state_dict with safetensors",
        ) from error


def _pickled(path: Path, error: Exception) -> InputError:
    """Name the class that torch refused to make, where it is one."""
    refused = _GLOBAL.search(str(error))
    if refused is None:
        what = "hold pickled objects or are damaged; edgekit loads tensors only"
    else:
        what = f"hold pickled objects ({refused[1]}); edgekit loads tensors only"
    return InputError(f"weights {path} {what}", _CONVERT)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
