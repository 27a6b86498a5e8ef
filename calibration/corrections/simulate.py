"""Turn a quantized Program into one that rounds floats, fast and with gradients."""

from dataclasses import dataclass

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.constants import stored
from edgekit.calibration.fold import set_tensor, tensor_of
from edgekit.calibration.operators import pairs

_QUANTIZE = (pairs.quantize_per_tensor.default, pairs.quantize_per_channel.default)
_RESTORE = (pairs.dequantize_per_tensor.default, pairs.dequantize_per_channel.default)
_SMALLEST = 2.0**-24


@dataclass(frozen=True)
class Grid:
    """What a weight is rounded to: whole multiples of a scale, at most `high` of them.

    Attributes:
        axis: output-channel axis.
        high: largest integer; the smallest is -high.
        shared: one scale for all channels, set by the largest weight of all.
    """

    axis: int
    high: int
    shared: bool

    def scales(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the scales that put the largest weight on `high`, float32 [channels]."""
        largest = weight.detach().abs().movedim(self.axis, 0).flatten(1).amax(dim=1)
        if self.shared:
            largest = largest.max().expand_as(largest)
        return (largest / self.high).clamp(min=_SMALLEST).contiguous()

    def round(self, weight: torch.Tensor) -> torch.Tensor:
        """Round to the grid; gradients pass straight through."""
        scales = self.scales(weight)
        zeros = torch.zeros(len(scales), dtype=torch.int32)
        return torch.fake_quantize_per_channel_affine(
            weight, scales, zeros, self.axis, -self.high, self.high
        )


def has_pairs(graph: GraphModule) -> bool:
    """Tell a quantized graph from a float one."""
    return any(node.target in _RESTORE for node in graph.graph.nodes)


def weight_name(layer: Node) -> str:
    """Return the name of a layer's stored weight, as it was before pairs; "" for a computed one."""
    source = layer.args[1]
    while isinstance(source, Node) and source.target in (*_QUANTIZE, *_RESTORE):
        source = source.args[0]
    if not isinstance(source, Node) or source.op != "get_attr":
        return ""
    return str(source.target).removesuffix("_int8")


def grid_of(graph: GraphModule, layer: Node) -> Grid | None:
    """Read the grid off the operator that restores a layer's weight; None for a float weight."""
    restored = layer.args[1]
    if not isinstance(restored, Node) or restored.target not in _RESTORE:
        return None
    if restored.target == pairs.dequantize_per_tensor.default:
        high = restored.args[4]
        assert isinstance(high, int)
        return Grid(0, high, shared=True)
    _, scales, zero_points, axis, _, high, *_ = restored.args
    assert isinstance(axis, int)
    assert isinstance(high, int)
    figures, zero_point = stored(graph, scales), int(stored(graph, zero_points)[0])
    return Grid(
        axis, high - zero_point, shared=len(figures) > 1 and bool((figures == figures[0]).all())
    )


def weight_value(graph: GraphModule, layer: Node) -> torch.Tensor | None:
    """Return what a layer multiplies with, rounded where it is; None for a computed weight."""

    def value(node: Node) -> torch.Tensor | None:
        if node.target not in (*_QUANTIZE, *_RESTORE):
            return tensor_of(graph, node)
        assert callable(node.target)
        arguments = [value(a) if isinstance(a, Node) else a for a in node.args]
        return None if arguments[0] is None else node.target(*arguments, **node.kwargs)

    source = layer.args[1]
    return value(source) if isinstance(source, Node) else None


def free_weight(graph: GraphModule, layer: Node, grid: Grid, weight: torch.Tensor) -> None:
    """Let a layer round a float weight that is stored beside."""
    name = f"{layer.name}_float_weight"
    set_tensor(graph, name, weight)
    with graph.graph.inserting_before(layer):
        source = graph.graph.get_attr(name)
        rounded = graph.graph.call_function(grid.round, (source,))
    layer.args = (layer.args[0], rounded, *layer.args[2:])


def simulate_pairs(graph: GraphModule) -> None:
    """Put roundings of floats in the place of the activations' pairs."""
    for node in list(graph.graph.nodes):
        if node.target == pairs.dequantize_per_tensor.default:
            source = node.all_input_nodes[0]
            if source.target == pairs.quantize_per_tensor.default:
                _simulate_pair(graph, node, source)
    graph.graph.eliminate_dead_code()


def _simulate_pair(graph: GraphModule, restored: Node, quantized: Node) -> None:
    with graph.graph.inserting_before(restored):
        rounded = graph.graph.call_function(
            torch.fake_quantize_per_tensor_affine, (quantized.args[0], *quantized.args[1:5])
        )
        if quantized.args[1:3] != restored.args[1:3]:
            labels = (*quantized.args[1:3], *restored.args[1:3])
            rounded = graph.graph.call_function(_relabelled, (rounded, *labels))
    restored.replace_all_uses_with(rounded)


def _relabelled(
    value: torch.Tensor, scale: float, zero_point: int, new_scale: float, new_zero_point: int
) -> torch.Tensor:
    """Read integers that were written with one scale and zero point with others."""
    return value * (new_scale / scale) + new_scale * (zero_point - new_zero_point)
