"""Split a large depthwise convolution into bands of rows whose sum is the same.

XNNPACK has depthwise kernels for up to 25 taps; a larger one costs 6 times the bands here (7x7, 48
channels, 64 x 64, float: 3.2 ms against 0.54 ms in LiteRT 2.3). A k x k kernel becomes bands of
`25 // k` rows; each reads the padded input, shifted by whole rows, which are contiguous in NHWC.

The bands carry no `meta["val"]`, so no Scheme chooses them: they stay float, because each partial
sum would be rounded on its own otherwise.
"""

import torch
from torch.fx import GraphModule, Node
from torch.fx.node import Argument

from edgekit.calibration.fold import is_constant, new_constant, tensor_of

aten = torch.ops.aten
TAPS = 25


def rewrite(graph: GraphModule) -> int:
    """Split every depthwise convolution with more than 25 taps."""
    found = [node for node in graph.graph.nodes if _is_large(graph, node)]
    for node in found:
        _split(graph, node)
    return len(found)


def _is_large(graph: GraphModule, node: Node) -> bool:
    if node.target != aten.conv2d.default or len(node.args) < 7 or not is_constant(node.args[2]):
        return False
    weight, groups = tensor_of(graph, node.args[1]), node.args[6]
    inputs = node.all_input_nodes[0].meta["val"].shape[1]
    if weight is None or groups == 1 or groups != inputs or _both(node.args[5]) != (1, 1):
        return False
    rows, columns = weight.shape[2:]
    return rows * columns > TAPS >= columns


def _both(figures: Argument) -> tuple[int, int]:
    """Read what holds for rows and columns; one figure may stand for both."""
    assert isinstance(figures, list | tuple)
    first, last = figures[0], figures[-1]
    assert isinstance(first, int)
    assert isinstance(last, int)
    return first, last


def _split(graph: GraphModule, node: Node) -> None:
    weight = tensor_of(graph, node.args[1])
    assert weight is not None
    high, wide = _both(node.args[4])
    with graph.graph.inserting_before(node):
        padded = graph.graph.call_function(
            aten.constant_pad_nd.default, (node.args[0], [wide, wide, high, high], 0.0)
        )
        step = TAPS // weight.shape[3]
        total, *others = [
            _band(graph, node, padded, first, weight[:, :, first : first + step])
            for first in range(0, weight.shape[2], step)
        ]
        for band in others:
            total = graph.graph.call_function(aten.add.Tensor, (total, band))
    total.meta = {"val": node.meta["val"], "range": node.name}
    node.replace_all_uses_with(total)
    graph.graph.erase_node(node)


def _band(graph: GraphModule, node: Node, padded: Node, first: int, weight: torch.Tensor) -> Node:
    """Convolve with the kernel's rows from `first` on; the first band brings the bias."""
    name = f"{node.all_input_nodes[1].target}_rows{first}"
    constant = new_constant(graph, name, weight.contiguous())
    stride = _both(node.args[3])
    end = first + weight.shape[2] + (node.meta["val"].shape[2] - 1) * stride[0]
    rows = graph.graph.call_function(aten.slice.Tensor, (padded, 2, first, end))
    bias = node.args[2] if first == 0 else None
    arguments = (rows, constant, bias, stride, (0, 0), (1, 1), node.args[6])
    return graph.graph.create_node("call_function", node.target, arguments)
