"""Take out of a traced graph what changes nothing at inference, so that later steps see less.

Identities go, in-place operators become ordinary ones, and a constant factor per channel after a
convolution (LayerScale; Touvron et al., "Going deeper with Image Transformers", 2021) is merged
into its weight and bias.
"""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.fold import CONVOLUTIONS, is_constant, new_constant, set_tensor, tensor_of
from edgekit.calibration.memory import views, writes
from edgekit.calibration.operators import IDENTITIES

aten = torch.ops.aten
_FUNCTIONAL: dict[object, torch._ops.OpOverload] = {
    aten.relu_.default: aten.relu.default,
    aten.hardtanh_.default: aten.hardtanh.default,
    aten.hardswish_.default: aten.hardswish.default,
    aten.silu_.default: aten.silu.default,
    aten.sigmoid_.default: aten.sigmoid.default,
    aten.add_.Tensor: aten.add.Tensor,
    aten.mul_.Tensor: aten.mul.Tensor,
}
_PARTICULAR = (aten.view_as_complex.default, aten.as_strided.default)


def simplify(graph: GraphModule) -> None:
    """Simplify an unlifted Program in place; its function stays the same."""
    for node in list(graph.graph.nodes):
        if node.target in IDENTITIES and node.target != aten.contiguous.default:
            _erase_identity(graph, node)
        elif node.target in _FUNCTIONAL:
            _make_functional(node)
    if not any(writes(node) for node in graph.graph.nodes):
        # Now it does not matter any more whether this one copies.
        for node in graph.graph.find_nodes(op="call_function", target=aten.contiguous.default):
            _erase_copy(graph, node)
    for node in list(graph.graph.nodes):
        if _is_scaled_convolution(graph, node):
            _merge_scale(graph, node)


def _erase_identity(graph: GraphModule, node: Node) -> None:
    node.replace_all_uses_with(node.all_input_nodes[0])
    graph.graph.erase_node(node)


def _erase_copy(graph: GraphModule, node: Node) -> None:
    """Erase a copy into rows, unless a reader is particular about where values lie in memory."""
    if any(user.target in _PARTICULAR for user in node.users):
        return
    for user in node.users:
        if user.target == aten.view.default:
            user.target = aten.reshape.default
    _erase_identity(graph, node)


def _make_functional(node: Node) -> None:
    """Let later readers of the tensor that was written into read the result instead."""
    written = node.all_input_nodes[0]
    if views(written) or writes(written) or any(views(user) for user in written.users):
        return  # a second name of the same memory may be read elsewhere
    node.target = _FUNCTIONAL[node.target]
    later = {other for other in node.graph.nodes if node < other}
    written.replace_all_uses_with(node, delete_user_cb=lambda user: user in later)


def _is_scaled_convolution(graph: GraphModule, node: Node) -> bool:
    """Recognise convolution * constant with one figure per channel and no other reader."""
    if node.target != aten.mul.Tensor:
        return False
    conv, factor = node.args
    if not isinstance(conv, Node) or conv.target not in CONVOLUTIONS or len(conv.users) > 1:
        return False
    scale, weight = tensor_of(graph, factor), tensor_of(graph, conv.args[1])
    if scale is None or weight is None or len(conv.all_input_nodes[1].users) > 1:
        return False
    constant = all(is_constant(argument) for argument in conv.args[1:3])
    return constant and _is_per_channel(scale, weight, conv.meta["val"].dim())


def _is_per_channel(scale: torch.Tensor, weight: torch.Tensor, rank: int) -> bool:
    """Tell [C, 1, 1] and [1, C, 1, 1] (behind a 2-D convolution) from other shapes."""
    axis, channels = 1 - weight.dim(), weight.shape[0]
    fits = -axis <= scale.dim() <= rank and scale.shape[axis] == channels
    return fits and scale.numel() == channels


def _merge_scale(graph: GraphModule, node: Node) -> None:
    conv, factor = node.args
    assert isinstance(conv, Node)
    weight_node, scale = conv.args[1], tensor_of(graph, factor)
    weight, bias = (tensor_of(graph, item) for item in (*conv.args[1:3], None)[:2])
    assert isinstance(weight_node, Node)
    assert scale is not None
    assert weight is not None
    name, flat = str(weight_node.target), scale.reshape(-1)
    set_tensor(graph, name, weight * flat.reshape(-1, *[1] * (weight.dim() - 1)))
    if bias is not None:
        with graph.graph.inserting_before(conv):  # the old one may have other readers
            scaled = new_constant(graph, f"{name}_scaled_bias", bias * flat)
        conv.update_arg(2, scaled)
    node.replace_all_uses_with(conv)
    graph.graph.erase_node(node)
