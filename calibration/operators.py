"""ATen operators in groups that Schemes can name."""

import operator
from typing import Literal

import torch
import torch.ao.quantization.fx._decomposed  # defines torch.ops.quantized_decomposed
from torch.fx import Node

Group = Literal[
    "convolution", "linear", "matmul", "add", "mul", "concat", "pool", "move", "relu", "clip",
    "hard_swish", "silu", "gelu", "sigmoid",
]  # fmt: skip

aten = torch.ops.aten
pairs = torch.ops.quantized_decomposed

_OPERATORS: dict[str, tuple[object, ...]] = {
    "convolution": (aten.conv1d.default, aten.conv2d.default, aten.conv2d.padding),
    "linear": (aten.linear.default,),
    "matmul": (aten.matmul.default, aten.bmm.default),
    "add": (aten.add.Tensor, aten.add_.Tensor),
    "mul": (aten.mul.Tensor, aten.mul_.Tensor),
    "concat": (aten.cat.default,),
    "pool": (aten.adaptive_avg_pool2d.default, aten.avg_pool2d.default, aten.mean.dim),
    # Values move or are chosen but never change, so the output has the input's scale.
    "move": (
        aten.view.default,
        aten.reshape.default,
        aten.flatten.using_ints,
        aten.permute.default,
        aten.transpose.int,
        aten.squeeze.dims,
        aten.squeeze.dim,
        aten.unsqueeze.default,
        aten.max_pool2d.default,
    ),
    "relu": (aten.relu.default, aten.relu_.default),
    "clip": (aten.hardtanh.default, aten.hardtanh_.default, aten.clamp.default),
    "hard_swish": (aten.hardswish.default, aten.hardswish_.default),
    "silu": (aten.silu.default, aten.silu_.default),
    "gelu": (aten.gelu.default,),
    "sigmoid": (aten.sigmoid.default, aten.sigmoid_.default),
}
# Operators with weights of their own, and products of activations: where most of the work is.
HEAVY: tuple[Group, ...] = ("convolution", "linear", "matmul")
_GROUP_OF = {target: group for group, targets in _OPERATORS.items() for target in targets}

# Nothing happens in these at inference: look through them.
IDENTITIES = (
    aten.dropout.default,
    aten.alias.default,
    aten.detach.default,
    aten.contiguous.default,
)

# What heads put between their scores and the output without the tag "pointwise" of torch.
_AFTER_SCORES = (
    aten.softmax.int,
    aten.log_softmax.int,
    aten.log_sigmoid.default,
    aten.hardswish.default,
    aten.hardsigmoid.default,
    aten.prelu.default,
    aten.expand.default,
    aten.expand_as.default,
    aten.slice.Tensor,
    aten.select.int,
    aten.split.Tensor,
    aten.chunk.default,
    aten.unbind.int,
    aten.stack.default,
    aten.cat.default,
    operator.getitem,
    *IDENTITIES,
)


def keeps_scores(node: Node) -> bool:
    """Tell an operator that moves values, or changes each by itself or among a row of scores."""
    if node.op != "call_function":
        return False
    pointwise = torch.Tag.pointwise in getattr(node.target, "tags", ())
    return pointwise or group_of(node) == "move" or node.target in _AFTER_SCORES


def group_of(node: Node) -> str | None:
    """Return the group of a graph node; None when no Scheme ever quantizes it."""
    return _GROUP_OF.get(node.target) if node.op == "call_function" else None


def weight_axis(node: Node) -> int | None:
    """Return the output-channel axis of the weight that is the node's second argument."""
    return 0 if group_of(node) in ("convolution", "linear") else None
