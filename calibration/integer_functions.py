"""Activation functions in integer operators that runtimes have fast kernels for.

Where an activation function has no integer kernel, the tensor is converted to float and back, which
costs more than the function. Here

    hard_swish(x) = x * clip(x / 6 + 1 / 2, 0, 1)    the clip is the saturation of the gate's pair
    silu(x)       = x * sigmoid(x)
    gelu(x)      ~= x * sigmoid(1.702 x)             Hendrycks and Gimpel 2016, section 2

The first two are exact but for rounding. The third is off by 0.021 at most, about one step of an
8-bit activation that spans 5, and is only taken where a Scheme names it.
"""

from collections.abc import Iterable

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.fold import new_constant
from edgekit.calibration.operators import group_of, pairs
from edgekit.calibration.scales import DTYPES, QParams, unit_qparams
from edgekit.calibration.scheme import Scheme

aten = torch.ops.aten
_FACTOR = {"hard_swish": 1 / 6, "silu": 1.0, "gelu": 1.702}


def rewrite_functions(graph: GraphModule, nodes: Iterable[Node], scheme: Scheme) -> None:
    """Rewrite activation functions between pairs into a gate and a product.

    Args:
        graph: with pairs in place; edited in place.
        nodes: activation functions that read and give integers.
        scheme: its integer type, and whether tensors can be read with another scale.
    """
    for node in nodes:
        group = group_of(node)
        assert group is not None
        rank = node.meta["val"].dim()
        with graph.graph.inserting_before(node):
            scaled = _scaled(graph, node, _FACTOR[group], scheme)
            clips = group == "hard_swish"  # the saturation of the pair is the clip
            gate = _half_up(graph, scaled, scheme, rank) if clips else _sigmoid(graph, scaled)
            gate = _pair(graph, gate, unit_qparams(scheme))
            product = graph.graph.call_function(aten.mul.Tensor, (node.args[0], gate))
        node.replace_all_uses_with(product)
        graph.graph.erase_node(node)


def _scaled(graph: GraphModule, node: Node, factor: float, scheme: Scheme) -> Node:
    """Multiply what the activation function reads by a constant, its integers unchanged."""
    restored = node.args[0]
    assert isinstance(restored, Node)
    if factor == 1:
        return restored
    quantized, scale, zero_point, *rest = restored.args
    assert isinstance(scale, float)
    figures = (scale * factor, zero_point, *rest)
    if scheme.relabels:
        return graph.graph.call_function(restored.target, (quantized, *figures))  # type: ignore[arg-type]
    constant = _constant(graph, factor, scheme, node.meta["val"].dim())
    product = graph.graph.call_function(aten.mul.Tensor, (restored, constant))
    return _pair(graph, product, QParams(*figures))  # type: ignore[arg-type]


def _half_up(graph: GraphModule, scaled: Node, scheme: Scheme, rank: int) -> Node:
    constant = _constant(graph, 0.5, scheme, rank)
    return graph.graph.call_function(aten.add.Tensor, (scaled, constant))


def _sigmoid(graph: GraphModule, scaled: Node) -> Node:
    return graph.graph.call_function(aten.sigmoid.default, (scaled,))


def _pair(graph: GraphModule, tensor: Node, figures: QParams) -> Node:
    quantized = graph.graph.call_function(
        pairs.quantize_per_tensor.default, (tensor, *figures.arguments())
    )
    return graph.graph.call_function(
        pairs.dequantize_per_tensor.default, (quantized, *figures.arguments())
    )


def _constant(graph: GraphModule, value: float, scheme: Scheme, rank: int) -> Node:
    """Store a figure as the largest integer of the type and the scale that makes it that.

    It has as many dimensions as what it meets, because the TFLite converter changes the layout of
    both alike.
    """
    dtype, low, high = DTYPES[scheme.activation]
    figures = QParams(value / (high - low), low, low, high, dtype)
    shape = (1,) * rank
    name = f"constant_{str(value).replace('.', '_')}_{rank}"
    if scheme.relabels:
        stored = new_constant(graph, name, torch.full(shape, high, dtype=dtype))
        return graph.graph.call_function(
            pairs.dequantize_per_tensor.default, (stored, *figures.arguments())
        )
    return _pair(graph, new_constant(graph, name, torch.full(shape, value)), figures)
