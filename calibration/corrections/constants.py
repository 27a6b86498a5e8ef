"""Weights and biases that a correction may change: constants that one layer alone reads."""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.fold import new_constant, set_tensor, tensor_of
from edgekit.calibration.operators import weight_axis


def layers(graph: GraphModule) -> list[Node]:
    """Return the nodes with a weight (convolutions and linears), in graph order."""
    return [node for node in graph.graph.nodes if weight_axis(node) is not None]


def bias_of(layer: Node) -> object:
    """Return the argument that is a layer's bias; None without one."""
    return layer.args[2] if len(layer.args) > 2 else None


def is_own(graph: GraphModule, argument: object) -> bool:
    """Tell whether a constant is stored, and read here alone."""
    if not isinstance(argument, Node) or argument.op != "get_attr":
        return False
    same = graph.graph.find_nodes(op="get_attr")
    return sum(len(node.users) for node in same if node.target == argument.target) == 1


def is_free(graph: GraphModule, layer: Node) -> bool:
    """Tell whether a layer's weight and bias may be changed without changing another's."""
    bias = bias_of(layer)
    return is_own(graph, layer.args[1]) and (bias is None or is_own(graph, bias))


def stored(graph: GraphModule, argument: object) -> torch.Tensor:
    """Return the tensor of a constant argument."""
    tensor = tensor_of(graph, argument)
    assert tensor is not None
    return tensor


def store(graph: GraphModule, argument: object, value: torch.Tensor) -> None:
    """Put another tensor in the place of a constant argument's."""
    assert isinstance(argument, Node)
    set_tensor(graph, str(argument.target), value)


def store_bias(graph: GraphModule, layer: Node, value: torch.Tensor) -> None:
    """Give a layer a bias, in the place of its own where it has one."""
    if is_own(graph, bias_of(layer)):
        store(graph, bias_of(layer), value)
        return
    with graph.graph.inserting_before(layer):
        node = new_constant(graph, f"{layer.name}_corrected_bias", value)
    layer.args = (*layer.args[:2], node, *layer.args[3:])
