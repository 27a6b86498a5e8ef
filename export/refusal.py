"""Find the operator that a converter or a runtime refuses, and say so in one line.

Where the converter's own words name operators of the Program, these are tried; where they name
none, all are: each by itself, as a Program of that operator alone.
"""

import operator
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.export import ExportedProgram
from torch.fx import Graph, GraphModule, Node

from edgekit.calibration.operators import group_of
from edgekit.calibration.places import operator_name, place
from edgekit.calibration.program import unlift
from edgekit.errors import EdgekitError, one_line
from edgekit.exporters.recipe import Recipe
from edgekit.exporters.registry import builder_of
from edgekit.runtimes import runtime_named
from edgekit.target import Target

_FIX = "Replace it in the student, or export for a target that has it (edgekit targets)"
# How many operators are tried by themselves, some seconds each.
_TRIED = 16


def refusal(
    error: Exception, program: ExportedProgram, target: Target, recipe: Recipe
) -> EdgekitError:
    """Make one error of what a converter raised.

    Args:
        error: the converter's, or its runtime's.
        program: what it was given.
        target: whom for.
        recipe: how the artifact was to be made.

    Returns:
        an error that names the operator and its module, where one by itself is refused too.
    """
    first = _first_cause(error)
    said = first.what if isinstance(first, EdgekitError) else _said(first)
    reason = one_line(said or type(first).__name__)
    refused = f"the {target.runtime} converter of target {target.name} refuses"
    node = refused_operator(_words(error), program, target, recipe)
    if node is None:
        return EdgekitError(
            f"{refused} the student in {recipe.name}: {reason}",
            "Export another precision, or choose another student",
        )
    return EdgekitError(f"{refused} {place(node)} in {recipe.name}: {reason}", _FIX)


def refused_operator(
    words: str, program: ExportedProgram, target: Target, recipe: Recipe
) -> Node | None:
    """Return the first operator that the converter refuses by itself; None when it takes each.

    Args:
        words: what the converter said of the whole Program.
        program: what it was given.
        target: whom for.
        recipe: how the artifact was to be made.
    """
    graph = unlift(program)
    kinds = {node.target: node for node in reversed(list(_operators(graph)))}
    # What Schemes quantize, every runtime has: were it refused alone, something else is wrong.
    rare = [node for node in reversed(kinds.values()) if group_of(node) is None]
    named = [node for node in rare if _is_named(node, words)]
    if len(named) == 1:
        return named[0]
    tried = [*named, *(node for node in rare if node not in named)][:_TRIED]
    return next((node for node in tried if _is_refused(graph, node, target, recipe)), None)


def _first_cause(error: BaseException) -> BaseException:
    """Return what came up first: outer ones tell of steps and of where to report."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _said(error: BaseException) -> str:
    """Return an exception's message; that of a KeyError without the quotes around its lines."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _words(error: BaseException | None) -> str:
    """Return what an exception and those that caused it say."""
    words = ""
    while error is not None:
        words += f"{error}\n"
        error = error.__cause__
    return words


def _operators(graph: GraphModule) -> Iterator[Node]:
    """Yield the operators of torch and of other libraries, but for pairs."""
    for node in graph.graph.nodes:
        known = isinstance(node.target, torch._ops.OpOverload)
        if known and node.target.namespace != "quantized_decomposed":
            yield node


def _is_named(node: Node, words: str) -> bool:
    """Tell whether an operator's name stands in a text as a whole word."""
    name = re.escape(operator_name(node).rpartition("::")[2])
    return re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9])", words) is not None


def _is_refused(graph: GraphModule, node: Node, target: Target, recipe: Recipe) -> bool:
    try:
        program = alone(graph, node)
    except Exception:  # torch itself does not trace it alone, which says nothing of the converter
        return False
    builder = builder_of(runtime_named(target.runtime))
    with tempfile.TemporaryDirectory() as folder:
        try:
            builder.build(program, target, recipe.precision, Path(folder))
        except Exception:  # of whatever kind: that is what is asked here
            return True
    return False


def alone(graph: GraphModule, node: Node) -> ExportedProgram:
    """Make a Program of one operator; what it reads of others' results are its inputs.

    Args:
        graph: an unlifted Program with `meta["val"]` on its nodes.
        node: one of its operators.
    """
    single, given, example = Graph(), dict[Node, Node](), list[torch.Tensor]()
    for source in node.all_input_nodes:
        if source.op == "get_attr":
            given[source] = single.get_attr(str(source.target))
    for source in node.all_input_nodes:
        if source not in given:
            given[source] = single.placeholder(f"given{len(example)}")
            value = source.meta["val"]
            example.append(torch.ones(value.shape, dtype=value.dtype))
    result = single.node_copy(node, given.__getitem__)
    single.output((_first(single, result, node.meta["val"]),))
    with torch.no_grad():
        return torch.export.export(GraphModule(graph, single), tuple(example))


def _first(graph: Graph, result: Node, value: object) -> Node:
    """Return the first of several results."""
    several = isinstance(value, list | tuple)
    return graph.call_function(operator.getitem, (result, 0)) if several else result
