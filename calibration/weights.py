"""Quantize an operator's weight, as integers or as a pair around the float values."""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.fold import new_constant, tensor_of
from edgekit.calibration.operators import pairs
from edgekit.calibration.scales import WEIGHTS, weight_scales


def quantize_weight(
    graph: GraphModule,
    node: Node,
    axis: int,
    per_channel: bool,
    folded: bool,
    weights: str = "int8",
) -> None:
    """Let `node` read its weight through a quantize/dequantize pair.

    Args:
        graph: edited in place.
        node: an operator whose second argument is the weight.
        axis: output-channel axis of the weight.
        per_channel: one scale per channel, or one for all.
        folded: store integers and dequantize them, which ONNX wants for size and Core ML has no
            other operator for; False keeps float values in a pair, which the TFLite converter
            wants.
        weights: their integer type, a name in `WEIGHTS`.
    """
    source = node.args[1]
    weight = tensor_of(graph, source)
    if weight is None or not isinstance(source, Node):
        return  # computed at run time, so there is nothing constant to quantize
    name, integer = str(source.target), WEIGHTS[weights]
    scales = weight_scales(weight, axis, per_channel, integer.steps)
    zero_points = torch.full((len(scales),), integer.zero_point, dtype=torch.int64)
    with graph.graph.inserting_before(node):
        figures = (
            new_constant(graph, f"{name}_scales", scales),
            new_constant(graph, f"{name}_zero_points", zero_points),
            axis,
            *integer.arguments(),
        )
        if folded:
            integers = pairs.quantize_per_channel(weight, scales, zero_points, *figures[2:])
            quantized = new_constant(graph, f"{name}_int8", integers)
        else:
            quantized = graph.graph.call_function(
                pairs.quantize_per_channel.default, (source, *figures)
            )
        restored = graph.graph.call_function(
            pairs.dequantize_per_channel.default, (quantized, *figures)
        )
    node.replace_input_with(source, restored)
