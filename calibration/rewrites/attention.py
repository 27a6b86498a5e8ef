"""Write packed self-attention with three dimensions and as few copies as possible.

Networks pack queries, keys and values into one linear, reshape to five dimensions, permute and
unbind; exporters then scale queries and keys both and transpose again. Here each of the three is a
slice of the linear's output, [tokens, heads, size], permuted once into the order that its product
needs.
"""

import math

import torch
from torch.fx import GraphModule, Node

aten = torch.ops.aten
_PERMUTATION = [2, 0, 3, 1, 4]  # [1, tokens, 3, heads, size] to [3, 1, heads, tokens, size]


def rewrite(graph: GraphModule) -> int:
    """Rewrite every attention that reads a packed linear and has no mask."""
    changed = 0
    for node in list(graph.graph.nodes):
        packed, joined = _packed(node), _joined(node)
        if packed is not None and joined is not None:
            _replace(graph, node, packed, joined)
            changed += 1
    return changed


def _packed(node: Node) -> Node | None:
    """Return the reshape whose parts the attention reads in order, else None."""
    plain = node.target == aten.scaled_dot_product_attention.default
    if not plain or len(node.args) != 3 or node.kwargs:
        return None
    unbound = {_source(item) for item in node.args}
    indices = [item.args[1] for item in node.args if isinstance(item, Node) and len(item.args) > 1]
    (unbind,) = unbound if len(unbound) == 1 else (None,)
    if unbind is None or unbind.target != aten.unbind.int or indices != [0, 1, 2]:
        return None
    permute = _source(unbind)
    if permute is None or permute.target != aten.permute.default:
        return None
    reshape = _source(permute)
    if list(permute.args[1]) != _PERMUTATION or reshape is None:  # type: ignore[arg-type]
        return None
    shape = reshape.meta["val"].shape
    known = reshape.target in (aten.reshape.default, aten.view.default)
    return reshape if known and shape[0] == 1 and shape[2] == 3 else None


def _source(node: object) -> Node | None:
    first = node.args[0] if isinstance(node, Node) and node.args else None
    return first if isinstance(first, Node) else None


def _joined(node: Node) -> Node | None:
    """Return the reshape that puts the heads side by side again, else None."""
    for target in (aten.transpose.int, aten.reshape.default):
        if len(node.users) != 1:
            return None
        node = next(iter(node.users))
        if node.target != target:
            return None
    return node


def _replace(graph: GraphModule, node: Node, reshape: Node, joined: Node) -> None:
    _, tokens, _, heads, size = reshape.meta["val"].shape
    calls, width = graph.graph, heads * size
    with calls.inserting_before(node):
        flat = calls.call_function(aten.view.default, (reshape.args[0], [tokens, 3 * width]))
        parts = []
        for index, order in enumerate(([1, 0, 2], [1, 2, 0], [1, 0, 2])):
            first = index * width
            part = calls.call_function(aten.slice.Tensor, (flat, 1, first, first + width))
            part = calls.call_function(aten.view.default, (part, [tokens, heads, size]))
            parts.append(calls.call_function(aten.permute.default, (part, order)))
        query = calls.call_function(aten.mul.Tensor, (parts[0], 1 / math.sqrt(size)))
        scores = calls.call_function(aten.matmul.default, (query, parts[1]))
        shares = calls.call_function(aten.softmax.int, (scores, -1))
        mixed = calls.call_function(aten.matmul.default, (shares, parts[2]))
        mixed = calls.call_function(aten.permute.default, (mixed, [1, 0, 2]))
        result = calls.call_function(aten.reshape.default, (mixed, list(joined.meta["val"].shape)))
    result.meta = {"val": joined.meta["val"], "range": joined.name}
    joined.replace_all_uses_with(result)
    # Dead code elimination spares an operator that could draw random numbers.
    for dead in (joined, next(iter(node.users)), node):
        calls.erase_node(dead)
