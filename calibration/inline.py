"""Put regions without gradients or autocast back into the graph that they were cut out of.

`torch.no_grad()` and `torch.autocast(enabled=False)` inside a forward, as in many embeddings of
positions, become graphs of their own in the trace. At inference in float32 they change nothing, and
no converter reads them.
"""

import operator
from typing import Any

import torch
from torch.fx import GraphModule, Node

_GRADIENTS = torch.ops.higher_order.wrap_with_set_grad_enabled
_AUTOCAST = torch.ops.higher_order.wrap_with_autocast


def inline_regions(graph: GraphModule) -> int:
    """Inline every region that changes nothing at inference, in place; return how many."""
    regions = [node for node in graph.graph.nodes if _is_region(node)]
    for node in regions:
        _inline(graph, node)
    return len(regions)


def _is_region(node: Node) -> bool:
    autocast = node.target == _AUTOCAST and node.args[2] is False  # the third says if it is on
    return node.op == "call_function" and (node.target == _GRADIENTS or autocast)


def _inline(graph: GraphModule, region: Node) -> None:
    """Copy the region's nodes before it and let its readers read them."""
    inner = next(place for place, item in enumerate(region.args) if _is_graph(graph, item))
    body = region.args[inner]
    assert isinstance(body, Node)
    module = graph.get_submodule(str(body.target))
    assert isinstance(module, GraphModule)
    inline_regions(module)  # from the inside out: names of inner graphs hold in their module only
    placeholders = module.graph.find_nodes(op="placeholder")
    given: dict[Node, Any] = dict(zip(placeholders, region.args[inner + 1 :], strict=True))
    with graph.graph.inserting_before(region):
        results: Any = graph.graph.graph_copy(module.graph, given)
    for user in list(region.users):
        assert user.target is operator.getitem
        user.replace_all_uses_with(results[user.args[1]])
        graph.graph.erase_node(user)
    graph.graph.erase_node(region)
    if not body.users:
        graph.graph.erase_node(body)


def _is_graph(graph: GraphModule, item: object) -> bool:
    if not isinstance(item, Node) or item.op != "get_attr":
        return False
    return isinstance(getattr(graph, str(item.target), None), GraphModule)
