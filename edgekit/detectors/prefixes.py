"""Bring a checkpoint's names to those of a network: training tools put theirs in front.

`module.` is of data-parallel training, `_orig_mod.` of torch.compile, `model.` and `net.` of what
people call an attribute. None of them is known here but the wrappers that also stand within names:
a prefix is whatever stands before every name of the network.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from edgekit.detectors.shards import index_beside
from edgekit.detectors.states import State, is_averaged, question
from edgekit.errors import InputError

# Names that a weight may have, which is one where no weights are tied.
Group = tuple[str, ...]
# What wrappers call the module inside; no layer of a network is named so.
_WRAPPERS = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
_COUNTER = "num_batches_tracked"
# The counter of torch.optim.swa_utils.AveragedModel.
_IGNORED = ("n_averaged",)
_SHOWN = 3


def aligned(
    weights: State, groups: Sequence[Group], path: Path, expected: str = ""
) -> tuple[State, list[str]]:
    """Take off what stands before the names of a network.

    Args:
        weights: by name.
        groups: the names of each weight of the network.
        path: the weights' file, for messages.
        expected: a prefix that goes without saying.

    Returns:
        the weights under that prefix, by the network's names as far as it has them, and a line for
        each thing that a user would want to know.

    Raises:
        InputError: when the network is in it several times, or not at all.
    """
    needed = _needed(groups)
    plain = without(weights, _WRAPPERS)
    found = _fitting(plain, needed)
    if not found:
        within = without(plain, ("module",))
        found = _fitting(within, needed)
        plain = within if found else plain
    if not found:
        raise _misfit(plain, groups, path)
    prefix = _one(found, plain, groups, path)
    inside = {
        name.removeprefix(prefix): tensor
        for name, tensor in plain.items()
        if name.startswith(prefix) and name not in _IGNORED
    }
    return inside, _notes(prefix, len(plain) - len(inside), path, expected)


def fits(weights: State, groups: Sequence[Group]) -> bool:
    """Tell whether all of a network is there, under whatever prefix."""
    plain = without(weights, _WRAPPERS)
    needed = _needed(groups)
    return bool(_fitting(plain, needed) or _fitting(without(plain, ("module",)), needed))


def groups_of(state: State) -> list[Group]:
    """Put the names of tied weights together: those that are one piece of memory."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, tensor in state.items():
        own = tensor.data_ptr() if tensor.numel() and tensor.device.type != "meta" else name
        groups.setdefault((own, tensor.shape, tensor.stride()), []).append(name)
    return [tuple(names) for names in groups.values()]


def without(weights: State, parts: Collection[str]) -> State:
    """Take those parts out of every name, wherever they stand."""
    return {
        ".".join(part for part in name.split(".") if part not in parts): tensor
        for name, tensor in weights.items()
    }


def _needed(groups: Sequence[Group]) -> list[Group]:
    """Leave out the counters of batch norms, which torch before 0.4.1 did not write."""
    return [group for group in groups if not group[0].endswith(_COUNTER)]


def _fitting(weights: State, groups: Sequence[Group]) -> list[str]:
    """List every prefix under which all of the network is found."""
    if not groups:
        return [""]
    first = groups[0]
    prefixes = dict.fromkeys(
        name.removesuffix(wanted)
        for name in weights
        for wanted in first
        if name == wanted or name.endswith(f".{wanted}")
    )
    return [prefix for prefix in prefixes if _fits(prefix, weights, groups)]


def _fits(prefix: str, weights: State, groups: Sequence[Group]) -> bool:
    return all(any(f"{prefix}{name}" in weights for name in group) for group in groups)


def _one(found: list[str], weights: State, groups: Sequence[Group], path: Path) -> str:
    """Return the only prefix; ask where there are several, or averaged weights beside it."""
    known = {name for group in groups for name in group}
    if "" in found and known >= weights.keys():
        return ""
    beside = {
        _top(name)
        for name in weights
        if is_averaged(name)
        and name not in known
        and name not in _IGNORED
        and not any(prefix and name.startswith(prefix) for prefix in found)
    }
    if len(found) > 1 or beside:
        raise question(dict.fromkeys([*(item.removesuffix(".") for item in found), *beside]), path)
    return found[0]


def _top(name: str) -> str:
    """Return the beginning of a name as far as the part that speaks of averages."""
    parts = name.split(".")
    end = next(place for place, part in enumerate(parts) if is_averaged(part))
    return ".".join(parts[: end + 1])


def _notes(prefix: str, left: int, path: Path, expected: str) -> list[str]:
    notes = []
    if prefix and prefix != expected:
        notes.append(f"{path.name}: {prefix!r} taken off the names")
    if left and not expected:
        notes.append(f"{path.name}: {left} tensors outside the network left out")
    return notes


def _misfit(weights: State, groups: Sequence[Group], path: Path) -> InputError:
    prefix = _likely(weights, groups)
    known = {f"{prefix}{name}" for group in groups for name in group}
    missing = [
        group[0] for group in groups if not any(f"{prefix}{name}" in weights for name in group)
    ]
    extra = [name for name in weights if name not in known]
    what = f"weights {path} lack {_shown(missing)}"
    if prefix:
        what += f" under their prefix {prefix!r}"
    if extra:
        what += f", and have {_shown(extra)}, which the architecture has not"
    index = index_beside(path)
    if index:
        return InputError(what, f"It is one shard of several: name {index} or put it beside")
    if len(missing) == len(groups):
        return InputError(what, "They are of another network: name the one that they came from")
    return InputError(what, "Use the config these weights came with")


def _likely(weights: State, groups: Sequence[Group]) -> str:
    """Find the prefix under which most names fit."""
    known = {name for group in groups for name in group}
    counts: Counter[str] = Counter()
    for name in weights:
        parts = name.split(".")
        for place in range(len(parts)):
            if ".".join(parts[place:]) in known:
                counts[name.removesuffix(".".join(parts[place:]))] += 1
    return max(counts, key=lambda prefix: (counts[prefix], prefix == ""), default="")


def _shown(names: Sequence[str]) -> str:
    first = ", ".join(repr(name) for name in names[:_SHOWN])
    rest = len(names) - _SHOWN
    return f"{first} and {rest} more" if rest > 0 else first
