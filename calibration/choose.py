"""Which operators of a graph run in integers under a Scheme."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.operators import HEAVY, group_of, keeps_scores, weight_axis
from edgekit.calibration.scheme import Scheme


@dataclass
class Chosen:
    """Operators that read and give integers.

    Attributes:
        nodes: operators of the Scheme's groups, in graph order.
        functions: activation functions that are rewritten into integer operators.
        integers: tensors that come as integers: results of the above, and what moves them.
    """

    nodes: dict[Node, None] = field(default_factory=dict)
    functions: dict[Node, None] = field(default_factory=dict)
    integers: set[Node] = field(default_factory=set)


def choose(graph: GraphModule, scheme: Scheme, floats: Collection[str] = ()) -> Chosen:
    """Walk the graph once and choose.

    Heavy operators (convolution, linear, matrix product) are chosen wherever the Scheme names
    them. The others only follow: they run in integers where all they read are integers already,
    because converting just for them costs more than they do.

    Args:
        graph: an unlifted Program with `meta["val"]` on its nodes.
        scheme: see `Scheme`.
        floats: names of operators that stay float.
    """
    chosen = Chosen()
    for node in graph.graph.nodes:
        group = group_of(node)
        if group is None or node.name in floats or not is_float(node):
            continue
        if group in HEAVY:
            _choose_heavy(chosen, node, group, scheme)
        elif group in scheme.fused or group == "move":
            _pass_on(chosen, node)
        elif _follows(chosen, node):
            _choose_follower(chosen, node, group, scheme)
    return chosen


def activations_of(node: Node) -> Iterator[Node]:
    """Yield the activations that an operator reads: float tensors that are no constants."""
    arguments = node.args[:1] if weight_axis(node) is not None else node.args[:2]
    for argument in arguments:
        for item in argument if isinstance(argument, list | tuple) else (argument,):
            if isinstance(item, Node) and item.op != "get_attr" and is_float(item):
                yield item


def is_float(node: Node) -> bool:
    """Tell activations from the whole numbers that some networks count positions with."""
    value = node.meta.get("val")
    return isinstance(value, torch.Tensor) and value.dtype == torch.float32


def gives_output(node: Node) -> bool:
    """Tell whether the network's output is this tensor but for what stands behind scores.

    That is another shape, a logit scale or temperature, a bias, a sigmoid, a softmax: they cost no
    precision themselves and keep, or enlarge, what rounding did to the scores.
    """
    seen: set[Node] = set()
    todo = [node]
    while todo:
        users = todo.pop().users
        if any(user.op == "output" for user in users):
            return True
        todo += [user for user in users if user not in seen and keeps_scores(user)]
        seen.update(users)
    return False


def _choose_heavy(chosen: Chosen, node: Node, group: str, scheme: Scheme) -> None:
    if group not in scheme.operators or gives_output(node):
        return
    chosen.nodes[node] = None
    if group not in scheme.float_output or _is_fused(node, scheme):
        chosen.integers.add(node)


def _is_fused(node: Node, scheme: Scheme) -> bool:
    """Tell whether one activation function alone reads the result and is fused behind it.

    ONNX Runtime 1.31 fuses a product with the ReLU behind it in float, unless the ReLU's result is
    quantized: it would compute the whole product in float.
    """
    return len(node.users) == 1 and group_of(next(iter(node.users))) in scheme.fused


def _choose_follower(chosen: Chosen, node: Node, group: str, scheme: Scheme) -> None:
    if gives_output(node):
        return
    if group in scheme.operators:
        chosen.nodes[node] = None
        chosen.integers.add(node)
    elif group in scheme.integer_activations:
        chosen.functions[node] = None
        chosen.integers.add(node)


def _follows(chosen: Chosen, node: Node) -> bool:
    """Tell whether everything the operator reads comes as integers; a constant never does."""
    read = node.all_input_nodes
    return bool(read) and all(item in chosen.integers for item in read)


def _pass_on(chosen: Chosen, node: Node) -> None:
    if node.all_input_nodes[0] in chosen.integers:
        chosen.integers.add(node)
