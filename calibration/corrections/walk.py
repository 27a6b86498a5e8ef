"""Evaluate a graph node by node, every node for all samples before the next one.

Corrections work layer by layer: the mean of a layer's output, or the correlations of its input,
over all samples, seen while the layers before it are corrected already. In this order one pass is
enough, and only the tensors that are still needed are held.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch
from torch.fx import GraphModule, Node
from torch.fx.node import map_arg

from edgekit.calibration.corrections.samples import Sample

Values = dict[Node, list[Any]]
Visit = Callable[[Node, Values], None]


def _nothing(node: Node, values: Values) -> None:
    """Look at no node."""


def walk(
    graph: GraphModule,
    samples: Sequence[Sample],
    before: Visit = _nothing,
    after: Visit = _nothing,
) -> list[torch.Tensor]:
    """Run the graph on all samples; gradients flow where they are switched on.

    Args:
        graph: an unlifted Program.
        samples: one tuple of inputs each.
        before: called before a node is evaluated, with the values that are held.
        after: called with the node's own values among them; may replace or change these.

    Returns:
        the graph's output for each sample.
    """
    values: Values = {}
    inputs = {node: i for i, node in enumerate(graph.graph.find_nodes(op="placeholder"))}
    fixed: set[Node] = set()
    last = _last_reads(graph)
    for node in graph.graph.nodes:
        before(node, values)
        if node in inputs:
            # Cloned, because some networks write into their inputs.
            values[node] = [sample[inputs[node]].clone() for sample in samples]
        elif all(source in fixed for source in node.all_input_nodes):
            fixed.add(node)
            values[node] = [_evaluate(graph, node, values, 0)] * len(samples)
        else:
            values[node] = [_evaluate(graph, node, values, i) for i in range(len(samples))]
        after(node, values)
        for read in last.get(node, ()):
            del values[read]
    return values[graph.graph.output_node()]


def _evaluate(graph: GraphModule, node: Node, values: Values, index: int) -> Any:
    """Evaluate one node for one sample."""
    if node.op == "get_attr":
        return reduce(getattr, str(node.target).split("."), graph)
    arguments, options = map_arg((node.args, node.kwargs), lambda read: values[read][index])
    if node.op == "output":
        result = arguments[0]
        return result[0] if isinstance(result, tuple | list) else result
    assert callable(node.target)
    return node.target(*arguments, **options)


def _last_reads(graph: GraphModule) -> dict[Node, list[Node]]:
    """Tell, for each node, which tensors nobody reads after it."""
    found: dict[Node, list[Node]] = {}
    seen: set[Node] = set()
    for node in reversed(graph.graph.nodes):
        for read in node.all_input_nodes:
            if read not in seen:
                seen.add(read)
                found.setdefault(node, []).append(read)
    return found
