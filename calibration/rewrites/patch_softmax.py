"""Let a softmax over patches, [1, 1, P, N], work on [P, N].

Separable self-attention (Mehta and Rastegari, 2022, "Separable Self-attention for Mobile Vision
Transformers") has one score per patch, so its channel dimension is 1. litert-torch
0.10 leaves such a softmax in NCHW among neighbours in NHWC and then refuses the product that
follows ("'tfl.mul' op operands don't have broadcast-compatible shapes"); with two dimensions there
is no layout to confuse.
"""

import torch
from torch.fx import GraphModule, Node

aten = torch.ops.aten


def rewrite(graph: GraphModule) -> int:
    """Put two reshapes around every softmax over the last of four dimensions with one channel."""
    found = [node for node in graph.graph.nodes if _is_over_patches(node)]
    for node in found:
        _flatten(graph, node)
    return len(found)


def _is_over_patches(node: Node) -> bool:
    if node.target != aten.softmax.int or node.args[1] not in (-1, 3):
        return False
    value = node.meta.get("val")  # what another rewrite made may have none
    return value is not None and value.dim() == 4 and tuple(value.shape[:2]) == (1, 1)


def _flatten(graph: GraphModule, node: Node) -> None:
    source, whole = node.args[0], node.meta["val"]
    assert isinstance(source, Node)
    with graph.graph.inserting_before(node):
        rows = graph.graph.call_function(aten.view.default, (source, list(whole.shape[2:])))
        shares = graph.graph.call_function(aten.softmax.int, (rows, -1, *node.args[2:]))
        result = graph.graph.call_function(aten.view.default, (shares, list(whole.shape)))
    rows.meta = {"val": whole[0, 0], "range": source.meta.get("range", source.name)}
    shares.meta = {"val": whole[0, 0], "range": node.name}
    result.meta = {"val": whole, "range": node.name}
    node.replace_all_uses_with(result)
    graph.graph.erase_node(node)
