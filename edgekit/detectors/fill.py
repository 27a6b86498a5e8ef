"""Load weights into a network, every name and shape matching."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from edgekit.detectors.prefixes import Group, aligned, groups_of
from edgekit.detectors.states import State
from edgekit.errors import InputError

_CONFIG = "Use the config these weights came with"


def fill(model: nn.Module, weights: State, path: Path, expected: str = "") -> list[str]:
    """Load `weights` into `model`; float32 afterwards, whatever they were saved as.

    A prefix before all names is taken off. Of tied weights one is enough, and the counters of batch
    norms, which old versions of torch did not write, may be missing.

    Args:
        model: the network.
        weights: by name.
        path: the weights' file, for messages.
        expected: a prefix that goes without saying.

    Returns:
        a line for each thing that a user would want to know.

    Raises:
        InputError: naming the first weights that are missing, left over, of another shape, or not
            finite.
    """
    found, notes = fitted(weights, model.state_dict(), path, expected)
    model.load_state_dict(found)
    return notes


def fitted(
    weights: State, wanted: State, path: Path, expected: str = ""
) -> tuple[State, list[str]]:
    """Bring `weights` to the names and dtypes of `wanted`; see `fill`."""
    groups = groups_of(wanted)
    found, notes = aligned(weights, groups, path, expected)
    _refuse_extra(found, wanted, path)
    _complete(found, wanted, groups, path)
    for name, tensor in wanted.items():
        _check(name, found[name], tensor, path)
    return {name: tensor.to(wanted[name].dtype) for name, tensor in found.items()}, notes


def _refuse_extra(found: State, wanted: State, path: Path) -> None:
    for name in (name for name in found if name not in wanted):
        raise InputError(f"weights {path} have {name!r}, which the architecture has not", _CONFIG)


def _complete(found: State, wanted: State, groups: Sequence[Group], path: Path) -> None:
    """Give every name its tensor: tied ones from each other, missing counters as they are."""
    for group in groups:
        there = [name for name in group if name in found]
        first = found[there[0]] if there else wanted[group[0]]
        for name in there[1:]:
            if not torch.equal(found[name], first):
                raise InputError(
                    f"weights {path}: {there[0]!r} and {name!r} are one weight of the network and "
                    "differ",
                    _CONFIG,
                )
        found.update(dict.fromkeys(group, first))


def _check(name: str, tensor: torch.Tensor, wanted: torch.Tensor, path: Path) -> None:
    if tensor.shape != wanted.shape:
        raise InputError(
            f"weights {path}: {name!r} has shape {tuple(tensor.shape)}, "
            f"the config asks for {tuple(wanted.shape)}",
            _advice(name, tensor.shape, wanted.shape),
        )
    if wanted.is_floating_point() and not tensor.is_floating_point():
        raise InputError(
            f"weights {path}: {name!r} holds {str(tensor.dtype).removeprefix('torch.')}, "
            "the network wants floats",
            "Name the weights as they were before quantization",
        )
    check_finite(name, tensor, path)


def _advice(name: str, have: torch.Size, want: torch.Size) -> str:
    if "pos" in name and len(have) == len(want):
        return "Set the image size that these weights were trained at"
    if have[1:] == want[1:] and len(have) in (1, 2) and want[:1] != have[:1]:
        return f"Use the config these weights came with; a classifier of {have[0]} classes is one"
    if have[0:1] + have[2:] == want[0:1] + want[2:] and len(have) == 4:
        return f"The weights take {have[1]} channels here: correct the config"
    return _CONFIG


def check_finite(name: str, tensor: torch.Tensor, path: Path) -> None:
    """Refuse NaN and infinity.

    Raises:
        InputError: naming the weight.
    """
    # Eight-bit floats have no operation that asks.
    if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
        raise InputError(
            f"weights {path}: {name!r} holds NaN or infinity", "Train or copy it again"
        )
