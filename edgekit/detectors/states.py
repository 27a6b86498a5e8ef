"""Find the state_dict in what a training script saved; ask where there are several."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from edgekit.errors import InputError

State = dict[str, torch.Tensor]
Keep = Callable[[str], bool]

# What training scripts call the weights themselves, the commonest first.
_RAW = ("state_dict", "model", "model_state_dict", "model_state", "net", "network", "weights")
# What lies beside weights and holds tensors too: optimizers, schedules, callbacks, random states.
_BESIDE = re.compile(r"optim|sched|scaler|callback|loop|hparam|hyper|config|args|rng|metric", re.I)
_AVERAGED = re.compile(r"(^|[._])(ema|shadow|averaged?|swa|teacher|momentum)([._]|$|model)", re.I)
_DEPTH = 3


def is_averaged(name: str) -> bool:
    """Tell whether a name speaks of averaged weights (EMA, SWA, a mean teacher)."""
    return bool(_AVERAGED.search(name))


def find_state(
    value: object, path: Path, key: str | None = None, keep: Keep = lambda name: True
) -> State:
    """Return the dictionary of tensors in `value`.

    Args:
        value: what a torch file holds.
        path: that file, for messages.
        key: which one to take, dots between the levels; None asks where there are several.
        keep: tells by name which tensors are wanted.

    Raises:
        InputError: when there is none, or several and no key.
    """
    if not isinstance(value, dict) or not value:
        raise InputError(f"weights {path} hold no state_dict", "Save the model's state_dict()")
    if _is_state(value):
        return under(_kept(value, keep), key, path)
    whole = dict(_states(value, ""))
    states = {name: kept for name, state in whole.items() if (kept := _kept(state, keep))}
    if not whole:
        raise _none(value, path)
    if not states:
        return {}
    if key is not None:
        return _named(states, key, path)
    return states[_only(states, path)]


def under(weights: State, key: str | None, path: Path) -> State:
    """Return the tensors whose names begin with `key`, without it.

    Args:
        weights: by name.
        key: the beginning; "" leaves out what is averaged, None keeps everything.
        path: the file, for messages.

    Raises:
        InputError: when no name begins so.
    """
    if key is None:
        return weights
    if key == "":
        return {name: tensor for name, tensor in weights.items() if not is_averaged(name)}
    found = {
        name.removeprefix(f"{key}."): tensor
        for name, tensor in weights.items()
        if name.startswith(f"{key}.")
    }
    if not found:
        first = sorted({name.partition(".")[0] for name in weights})
        raise _no_key(key, first, path)
    return found


def question(names: Iterable[str], path: Path) -> InputError:
    """Make the error for a file that holds the same network several times."""
    names = list(names)
    which = " and ".join(repr(name) if name else "names without a prefix" for name in names)
    choices = " or ".join(f'weights_key = "{name}"' for name in names)
    return InputError(
        f"weights {path} hold several sets of weights: {which}",
        f"Write {choices} in the settings; a head is saved in a file of its own",
    )


def _is_state(value: dict[Any, Any]) -> bool:
    return all(isinstance(item, torch.Tensor) for item in value.values())


def _kept(state: State, keep: Keep) -> State:
    return {name: tensor for name, tensor in state.items() if keep(name)}


def _states(value: dict[Any, Any], place: str) -> Iterable[tuple[str, State]]:
    """Give every dictionary of tensors that may be a network, by its place."""
    for key, item in value.items():
        if not isinstance(key, str) or not isinstance(item, dict) or not item:
            continue
        name = f"{place}.{key}" if place else key
        if _BESIDE.search(key) or name.count(".") >= _DEPTH:
            continue
        if not _is_state(item):
            yield from _states(item, name)
        elif all(isinstance(inner, str) for inner in item):
            yield name, item


def _only(states: dict[str, State], path: Path) -> str:
    """Choose where nobody can mean another; two of the same network are a question."""
    if len(states) == 1:
        return next(iter(states))
    raw = [name for name in _RAW if name in states]
    if raw:
        others = [name for name in states if name != raw[0]]
        if not any(is_averaged(name) or _alike(states[raw[0]], states[name]) for name in others):
            return raw[0]
    raise question(states, path)


def _alike(one: State, other: State) -> bool:
    """Tell whether half of the names end alike, whatever stands before them."""
    tails = ({".".join(name.split(".")[-2:]) for name in state} for state in (one, other))
    mine, theirs = tails
    return 2 * len(mine & theirs) >= min(len(mine), len(theirs))


def _named(states: dict[str, State], key: str, path: Path) -> State:
    if key in states:
        return states[key]
    for name in states:
        if key.startswith(f"{name}."):
            return under(states[name], key.removeprefix(f"{name}."), path)
    if len(states) == 1:
        return under(next(iter(states.values())), key, path)
    raise _no_key(key, list(states), path)


def _no_key(key: str, known: list[str], path: Path) -> InputError:
    there = ", ".join(repr(name) for name in known[:6])
    return InputError(f"weights {path} hold no {key!r}, only {there}", "Correct weights_key")


def _none(value: dict[Any, Any], path: Path) -> InputError:
    wrong = next(name for name, item in value.items() if not isinstance(item, torch.Tensor))
    return InputError(
        f"weights {path} hold no state_dict: entry {wrong!r} is no tensor",
        "Save the model's state_dict()",
    )
