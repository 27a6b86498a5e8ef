"""Cross-layer equalization: give two neighbouring layers the same weight range in each channel.

Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019),
section 4.1. A function f between the two with f(s x) = s f(x) for s > 0 lets a factor wander from
the first layer's output channel to the second's input channel. ReLU is such a function; ReLU6,
hard-swish and GELU are not. Weights alone decide, no sample is needed.
"""

from dataclasses import dataclass

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.constants import bias_of, is_free, layers, store, stored
from edgekit.calibration.corrections.draft import Draft
from edgekit.calibration.operators import IDENTITIES, group_of

aten = torch.ops.aten
_ROUNDS = 20
# A factor beyond this moves a channel that does nearly nothing; its bias would stretch the range
# of activations that all channels share.
_LIMIT = 1e3
_HOMOGENEOUS = (*IDENTITIES, aten.leaky_relu.default, aten.leaky_relu_.default)


@dataclass(frozen=True)
class _Neighbours:
    """Two layers with nothing but homogeneous functions between."""

    first: Node
    second: Node


def equalize(draft: Draft) -> int:
    """Equalize all neighbours in turn until nothing moves.

    Returns:
        how many neighbours there are.
    """
    graph = draft.graph
    free = [layer for layer in layers(graph) if is_free(graph, layer)]
    found = [two for layer in free for two in _neighbours(layer, free)]
    for _ in range(_ROUNDS):
        moved = [_equalize(graph, two) for two in found]
        if max(moved, default=0.0) < 1e-3:
            break
    return len(found)


def _neighbours(first: Node, free: list[Node]) -> list[_Neighbours]:
    """Return the neighbours of which a layer is the first, if any."""
    node = first
    while len(node.users) == 1:
        node = next(iter(node.users))
        if node in free:
            same = group_of(node) == group_of(first)
            return [_Neighbours(first, node)] if same else []
        if group_of(node) != "relu" and node.target not in _HOMOGENEOUS:
            break
    return []


def _equalize(graph: GraphModule, two: _Neighbours) -> float:
    """Equalize two neighbours; return how far they were from equal, as a logarithm."""
    first, second = stored(graph, two.first.args[1]), stored(graph, two.second.args[1])
    given = first.flatten(1).abs().amax(dim=1)
    read = _by_input(second, two.second).abs().amax(dim=(1, 3)).flatten()
    factors = (read / given).sqrt()
    alive = (given > 0) & (read > 0)
    factors = torch.where(alive, factors, 1.0).clamp(1 / _LIMIT, _LIMIT)
    bias = bias_of(two.first)
    store(graph, two.first.args[1], _rows(first, factors))
    store(graph, two.second.args[1], _columns(second, two.second, 1 / factors))
    if bias is not None:
        store(graph, bias, stored(graph, bias) * factors)
    return float(factors.log().abs().max())


def _rows(weight: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
    """Multiply each output channel by its factor."""
    return weight * factors.reshape(-1, *[1] * (weight.dim() - 1))


def _by_input(weight: torch.Tensor, layer: Node) -> torch.Tensor:
    """View a weight as [groups, outputs in a group, inputs of a group, taps]."""
    groups = layer.args[6] if group_of(layer) == "convolution" and len(layer.args) > 6 else 1
    assert isinstance(groups, int)
    return weight.reshape(groups, weight.shape[0] // groups, weight.shape[1], -1)


def _columns(weight: torch.Tensor, layer: Node, factors: torch.Tensor) -> torch.Tensor:
    """Multiply what each input channel is read with by its factor."""
    view = _by_input(weight, layer)
    scaled = view * factors.reshape(view.shape[0], 1, view.shape[2], 1)
    return scaled.reshape(weight.shape)
