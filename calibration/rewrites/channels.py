"""Carry another order of channels through a graph, into the weights that end its reach."""

from dataclasses import dataclass, field

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.fold import is_constant, set_tensor, tensor_of
from edgekit.calibration.operators import group_of

aten = torch.ops.aten
# One value in, one value out, wherever it stands.
_POINTWISE = (
    aten.relu.default,
    aten.hardtanh.default,
    aten.clamp.default,
    aten.hardswish.default,
    aten.silu.default,
    aten.gelu.default,
    aten.sigmoid.default,
    aten.hardsigmoid.default,
)
_SPATIAL = (aten.mean.dim, aten.adaptive_avg_pool2d.default, aten.max_pool2d.default)
_JOINING = (aten.add.Tensor, aten.mul.Tensor)


@dataclass
class Reorder:
    """The constants that must be put into another order, and along which axis.

    Attributes:
        order: position i of the new order holds what stood at order[i].
        constants: (attribute name, axis) of each.
    """

    order: torch.Tensor
    constants: list[tuple[str, int]] = field(default_factory=list)

    def apply(self, graph: GraphModule) -> None:
        """Reorder the constants in place."""
        for name, axis in self.constants:
            value = tensor_of(graph, graph.graph.find_nodes(op="get_attr", target=name)[0])
            assert value is not None
            set_tensor(graph, name, value.index_select(axis, self.order))

    def add(self, constant: Node, axis: int) -> None:
        """Note a constant."""
        self.constants.append((str(constant.target), axis))

    def is_possible(self, graph: GraphModule) -> bool:
        """Tell whether every constant is reordered once and read once."""
        names = {name for name, _ in self.constants}
        found = [graph.graph.find_nodes(op="get_attr", target=name) for name in names]
        read_once = all(len(nodes) == 1 and len(nodes[0].users) == 1 for nodes in found)
        return read_once and len(names) == len(self.constants)


def plan_reorder(graph: GraphModule, start: Node, order: torch.Tensor) -> Reorder | None:
    """Find every constant that depends on the order of `start`'s channels.

    Args:
        graph: an unlifted Program.
        start: gives [N, C, H, W].
        order: int64 [C].

    Returns:
        what to reorder; None when something reads the channels in a way that is not understood.
    """
    plan, reordered = Reorder(order), {start}
    for node in graph.graph.nodes:
        read = [argument for argument in node.all_input_nodes if argument in reordered]
        if not read:
            continue
        outcome = _follow(graph, node, read, plan)
        if outcome is None:
            return None
        if outcome:
            reordered.add(node)
    return plan if plan.is_possible(graph) else None


def _follow(graph: GraphModule, node: Node, read: list[Node], plan: Reorder) -> bool | None:
    """Return whether the node's own output is reordered too; None when it is not understood."""
    if node.target in _POINTWISE or (node.target in _SPATIAL and _keeps_channels(node)):
        return True
    if node.target in _JOINING:
        return _follow_join(graph, node, read, plan)
    if node.target == aten.flatten.using_ints:
        return True if _is_flat(node) else None
    if node.target == aten.linear.default and _rank(read[0]) == 2 and node.args[0] is read[0]:
        return _end(graph, node, plan)
    if group_of(node) == "convolution" and node.args[0] is read[0]:
        depthwise = len(node.args) > 6 and node.args[6] != 1
        return (_follow_depthwise if depthwise else _end)(graph, node, plan)
    return None


def _rank(node: Node) -> int:
    return node.meta["val"].dim()


def _keeps_channels(node: Node) -> bool:
    dims = node.args[1] if node.target == aten.mean.dim else (2, 3)
    if not isinstance(dims, list | tuple) or _rank(node.all_input_nodes[0]) != 4:
        return False
    return all(isinstance(dim, int) and dim % 4 in (2, 3) for dim in dims)


def _is_flat(node: Node) -> bool:
    """Tell [N, C, 1, 1] -> [N, C]."""
    return node.meta["val"].shape == node.all_input_nodes[0].meta["val"].shape[:2]


def _end(graph: GraphModule, node: Node, plan: Reorder) -> bool | None:
    """Reorder the input channels of a full convolution or linear; what it gives is as before."""
    if tensor_of(graph, node.args[1]) is None:
        return None
    plan.add(node.all_input_nodes[1], 1)
    return False


def _follow_depthwise(graph: GraphModule, node: Node, plan: Reorder) -> bool | None:
    weight, channels = tensor_of(graph, node.args[1]), len(plan.order)
    if weight is None or node.args[6] != channels or weight.shape[0] != channels:
        return None
    return _reorder_outputs(node, plan)


def _reorder_outputs(node: Node, plan: Reorder) -> bool | None:
    if not all(is_constant(argument) for argument in node.args[1:3]):
        return None
    for constant in node.all_input_nodes[1:]:
        plan.add(constant, 0)
    return True


def _follow_join(graph: GraphModule, node: Node, read: list[Node], plan: Reorder) -> bool | None:
    """Follow a sum or product of two tensors in the new order, or bring one of them into it."""
    others = [argument for argument in node.all_input_nodes if argument not in read]
    if len({_rank(item) for item in node.all_input_nodes}) != 1 or len(node.all_input_nodes) != 2:
        return None
    return _reorder_source(others[0], plan) if others else True


def _reorder_source(tensor: Node, plan: Reorder) -> bool | None:
    """Let the convolution that gives a tensor (the gate of squeeze-excite) give it reordered."""
    while tensor.target in _POINTWISE and len(tensor.users) == 1:
        tensor = tensor.all_input_nodes[0]
    full = group_of(tensor) == "convolution" and (len(tensor.args) < 7 or tensor.args[6] == 1)
    gives_all = full and tensor.meta["val"].shape[1] == len(plan.order)
    return _reorder_outputs(tensor, plan) if gives_all and len(tensor.users) == 1 else None
