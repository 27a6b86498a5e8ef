"""What a convolution or linear multiplies its weight with, as a matrix for each group."""

from collections.abc import Sequence

import torch
from torch.fx import Node
from torch.nn import functional

from edgekit.calibration.operators import group_of


def group_count(layer: Node) -> int:
    """Return the groups of a convolution; 1 for a linear."""
    if group_of(layer) != "convolution" or len(layer.args) < 7:
        return 1
    groups = layer.args[6]
    assert isinstance(groups, int)
    return groups


def patches(layer: Node, taps: Sequence[int], value: torch.Tensor, limit: int) -> torch.Tensor:
    """Return the inputs of a layer column by column.

    Args:
        layer: a convolution (1-d or 2-d) or linear.
        taps: size of the convolution's kernel, one or two figures; none for a linear.
        value: its input, float32, batch dimension 1.
        limit: largest number of positions, chosen at equal distances.

    Returns:
        float32 [groups, K, positions], K in the order of a flattened weight.
    """
    if taps:
        groups = group_count(layer)
        unfolded = _unfold(layer, taps, value)
        columns = unfolded.reshape(groups, unfolded.shape[0] // groups, -1)
    else:
        columns = value.flatten(0, -2).T[None]
    return columns[..., :: -(-columns.shape[-1] // limit)]


def _unfold(layer: Node, taps: Sequence[int], value: torch.Tensor) -> torch.Tensor:
    """Unfold a convolution's input into [channels * taps, positions]."""
    stride = _numbers(layer, 3, 1, len(taps))
    dilation = _numbers(layer, 5, 1, len(taps))
    value = functional.pad(value, _padding(layer, taps, dilation))
    if len(taps) == 1:
        value = value.unsqueeze(2)
    size, step, spacing = (tuple([1, *figures][-2:]) for figures in (taps, stride, dilation))
    return functional.unfold(value, size, spacing, 0, step)[0]


def _numbers(layer: Node, place: int, default: int, count: int) -> list[int]:
    """Read an argument that is one figure for all dimensions, or one for each."""
    given = layer.args[place] if len(layer.args) > place else default
    found = [int(str(figure)) for figure in given] if isinstance(given, list | tuple) else [given]
    return [int(str(figure)) for figure in found] * (count // len(found))


def _padding(layer: Node, taps: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """Return what `functional.pad` adds: before and after, the last dimension first."""
    given = layer.args[4] if len(layer.args) > 4 else 0
    if given == "same":
        totals = [step * (size - 1) for size, step in zip(taps, dilation, strict=True)]
    elif given == "valid":
        totals = [0] * len(taps)
    else:
        totals = [2 * figure for figure in _numbers(layer, 4, 0, len(taps))]
    return [side for total in reversed(totals) for side in (total // 2, total - total // 2)]
