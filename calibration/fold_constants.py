"""Compute once what a graph computes from constants alone.

A positional embedding resized to the size of the image, a relative position bias that is gathered
from its table, sines and cosines of positions, a weight that is normalized: they are the same for
every image. Folded, they cost a device nothing, need no operator of it, and a weight among them is
quantized as any other.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.fx import GraphModule, Node
from torch.fx.node import map_arg

from edgekit.calibration.fold import new_constant, tensor_of
from edgekit.calibration.memory import written
from edgekit.calibration.places import module_path

# A constant may be as large as what it is computed from, or as this; bytes. Beyond, the file would
# grow by more than the computation costs.
LARGEST = 2**24


def fold_constants(graph: GraphModule) -> int:
    """Fold what depends on no input.

    What draws random numbers, changes a buffer, or is written into by what depends on an input is
    left as it is.

    Args:
        graph: an unlifted Program with `meta["val"]` on its nodes; edited in place.

    Returns:
        the number of constants that are new.
    """
    constant = _constant_nodes(graph)
    values: dict[Node, Any] = {}
    made: dict[tuple[Node, int], Node] = {}
    with torch.no_grad():
        for node in list(graph.graph.nodes):
            if node in constant:
                values[node] = _value(graph, node, values)
            else:
                _read_constants(graph, node, values, made)
    for node in reversed(constant):
        if not node.users:
            graph.graph.erase_node(node)
    return len(made)


def _constant_nodes(graph: GraphModule) -> dict[Node, None]:
    """Return the nodes whose values are the same in every run, in graph order.

    A tensor that something else writes into is none, nor are its other names.
    """
    varying: set[Node] = set()
    while True:
        before = len(varying)
        for node in graph.graph.nodes:
            if node in varying or not _is_constant(graph, node, varying):
                varying.add(node)
                varying.update(written(node))
        if len(varying) == before:
            return dict.fromkeys(node for node in graph.graph.nodes if node not in varying)


def _is_constant(graph: GraphModule, node: Node, varying: set[Node]) -> bool:
    if node.op == "get_attr":
        return tensor_of(graph, node) is not None
    if node.op != "call_function" or any(item in varying for item in node.all_input_nodes):
        return False
    if any(item.op == "get_attr" for item in written(node)):
        return False  # a buffer that the network changes is no constant
    return _is_fixed(node.target) and _bytes(node) <= max(LARGEST, _stored_bytes(graph, node))


def _is_fixed(target: object) -> bool:
    """Tell whether an operator gives the same for the same arguments."""
    return torch.Tag.nondeterministic_seeded not in getattr(target, "tags", ())


def _origins(node: Node) -> set[Node]:
    """Return everything that a node is computed from, and itself."""
    found, todo = {node}, [node]
    while todo:
        new = [item for item in todo.pop().all_input_nodes if item not in found]
        found.update(new)
        todo += new
    return found


def _bytes(node: Node) -> int:
    """Return the size of what a node gives."""
    return sum(value.numel() * value.element_size() for value in _tensors(node.meta.get("val")))


def _stored_bytes(graph: GraphModule, node: Node) -> int:
    """Return the size of the stored constants that a node's value comes from."""
    stored = [tensor_of(graph, item) for item in _origins(node)]
    return sum(value.numel() * value.element_size() for value in stored if value is not None)


def _tensors(value: object) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _value(graph: GraphModule, node: Node, values: dict[Node, Any]) -> object:
    if node.op == "get_attr":
        return tensor_of(graph, node)
    args: Any = map_arg(node.args, values.__getitem__)
    kwargs: Any = map_arg(node.kwargs, values.__getitem__)
    assert callable(node.target)
    return node.target(*args, **kwargs)


def _read_constants(
    graph: GraphModule,
    reader: Node,
    values: dict[Node, Any],
    made: dict[tuple[Node, int], Node],
) -> None:
    """Let an operator read a stored constant, as it is now: later ones may write into it."""
    for source in reader.all_input_nodes:
        value = values.get(source)
        if source.op == "get_attr" or not isinstance(value, torch.Tensor):
            continue
        key = (source, value._version)
        if key not in made:
            with graph.graph.inserting_before(source):
                made[key] = new_constant(graph, _name(source, reader), value)
            made[key].meta = {**source.meta, "val": source.meta.get("val")}
        reader.replace_input_with(source, made[key])


def _name(source: Node, reader: Node) -> str:
    """Name a weight as its layer would; anything else as its operator."""
    layer = module_path(reader)
    if layer and len(reader.args) > 1 and reader.args[1] is source:
        return f"{layer}.weight"
    return f"{source.name}_constant"
