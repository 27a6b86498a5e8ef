"""Linear heads: read one from a file, and find the feature that it was trained on."""

from pathlib import Path
from typing import Literal

import torch
from torch import nn

from edgekit.detectors.fill import fill
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError

Feature = Literal["projection", "pooled"]


def read_head(path: Path, classes: int) -> nn.Linear:
    """Read a linear head: one `weight` [C, D] and one `bias` [C], whatever precedes their names.

    Args:
        path: a weights file, for example with `weight` and `bias`, or `fc.weight` and `fc.bias`.
        classes: number of classes; C is that, or 1 for the positive class's logit alone.

    Raises:
        InputError: when the file is damaged, holds no such pair, or has another C.
    """
    return head_from(read_weights(path), classes, path)


def head_from(weights: dict[str, torch.Tensor], classes: int, path: Path) -> nn.Linear:
    """Make a linear head from its two tensors; see `read_head`."""
    pairs = [name.removesuffix("bias") for name in weights if name.endswith("bias")]
    if len(pairs) != 1 or set(weights) != {f"{pairs[0]}weight", f"{pairs[0]}bias"}:
        raise InputError(
            f"head {path} holds {sorted(weights)[:6]}, not one weight and one bias",
            "Save the linear layer's state_dict alone",
        )
    weight, bias = weights[f"{pairs[0]}weight"], weights[f"{pairs[0]}bias"]
    if weight.ndim != 2 or weight.shape[0] not in (1, classes):
        raise InputError(
            f"head {path}: the weight has shape {tuple(weight.shape)}, "
            f"{classes} classes need ({classes}, D) or (1, D)",
            "Correct the classes or the head",
        )
    head = nn.Linear(weight.shape[1], weight.shape[0])
    fill(head, {"weight": weight, "bias": bias}, path)
    return head


def choose_feature(
    widths: dict[Feature, int], head: nn.Linear, wanted: Feature | None, path: Path
) -> Feature:
    """Find the embedding that a head reads: the one whose dimension it has.

    Args:
        widths: dimension of each embedding the tower offers, the preferred one first.
        head: the head.
        wanted: the embedding that the settings ask for, if they do.
        path: the head's file, for messages.

    Raises:
        InputError: when the head's dimension fits none, or not the wanted one.
    """
    candidates: list[Feature] = [wanted] if wanted else list(widths)
    for name in candidates:
        if widths.get(name) == head.in_features:
            return name
    offered = ", ".join(f"{name} {width}" for name, width in widths.items())
    raise InputError(
        f"head {path} reads {head.in_features} values, the tower's features have: {offered}"
        + (f" (feature = {wanted!r} is asked for)" if wanted else ""),
        "Use the head that was trained on this tower",
    )
