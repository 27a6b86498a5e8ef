"""Let transformers work on [tokens, channels] instead of [1, tokens, channels].

Runtimes multiply matrices of two dimensions: around each product of three they reshape twice (133
reshapes, 5% of a ViT-Tiny in ONNX Runtime 1.31). The batch is 1, so the first dimension says
nothing.
"""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.operators import group_of, weight_axis

aten = torch.ops.aten
_TOKENWISE = (
    aten.linear.default,
    aten.layer_norm.default,
    aten.gelu.default,
    aten.silu.default,
    aten.relu.default,
    aten.add.Tensor,
)
_RESHAPES = (aten.reshape.default, aten.view.default)


def rewrite(graph: GraphModule) -> int:
    """Flatten every run of token-wise operators that holds a linear."""
    flat = {node: None for node in graph.graph.nodes if _is_tokenwise(node)}
    if not any(group_of(node) == "linear" for node in flat):
        return 0
    for node in flat:
        for source in _activations(node):
            if source not in flat:
                _view_before(graph, node, source)
    for node in flat:
        _view_after(graph, node, set(flat))
    for node in flat:
        node.meta["val"] = node.meta["val"][0]
    return len(flat)


def _is_tokenwise(node: Node) -> bool:
    if node.target not in _TOKENWISE:
        return False
    read = _activations(node)
    return _is_row(node) and bool(read) and all(_is_row(source) for source in read)


def _is_row(node: Node) -> bool:
    value = node.meta.get("val")
    computed = node.op in ("call_function", "placeholder")
    return computed and isinstance(value, torch.Tensor) and value.dim() == 3 and len(value) == 1


def _activations(node: Node) -> list[Node]:
    """Return what an operator reads token by token: not its weights."""
    weighted = weight_axis(node) is not None or node.target == aten.layer_norm.default
    arguments = node.args[:1] if weighted else node.args[:2]
    return [argument for argument in arguments if isinstance(argument, Node)]


def _view_before(graph: GraphModule, node: Node, source: Node) -> None:
    with graph.graph.inserting_before(node):
        view = graph.graph.call_function(
            aten.view.default, (source, list(source.meta["val"].shape[1:]))
        )
    view.meta = {"val": source.meta["val"][0], "range": source.meta.get("range", source.name)}
    node.replace_input_with(source, view)


def _view_after(graph: GraphModule, node: Node, flat: set[Node]) -> None:
    """Give readers that expect three dimensions a view; a reshape does not care."""
    others = [user for user in node.users if user not in flat and user.target not in _RESHAPES]
    if not others:
        return
    with graph.graph.inserting_after(node):
        view = graph.graph.call_function(aten.view.default, (node, list(node.meta["val"].shape)))
    view.meta = {"val": node.meta["val"], "range": node.meta.get("range", node.name)}
    for user in others:
        user.replace_input_with(node, view)
