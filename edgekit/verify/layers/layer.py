"""The layers that every artifact of a student has in common, in the order of its float Program."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch.export import ExportedProgram
from torch.fx import Node

from edgekit.calibration.layers import layer_name
from edgekit.calibration.operators import group_of
from edgekit.calibration.program import unlift

_SILENT = (None, "move")


@dataclass(frozen=True)
class Layer:
    """One operator that computes.

    Attributes:
        name: its tensor in the float Program.
        module: the student's own name of it.
        group: of operators.
        inputs: the layers that it reads, through operators that only move values.
    """

    name: str
    module: str
    group: str
    inputs: tuple[str, ...]


def layers_of(program: ExportedProgram) -> list[Layer]:
    """List the layers of a float Program in graph order."""
    nodes = [node for node in unlift(program).graph.nodes if group_of(node) not in _SILENT]
    known = set(nodes)
    return [
        Layer(
            name=node.name,
            module=layer_name(node),
            group=str(group_of(node)),
            inputs=tuple(dict.fromkeys(source.name for source in _sources(node, known))),
        )
        for node in nodes
    ]


def _sources(node: Node, known: set[Node]) -> Iterator[Node]:
    for source in node.all_input_nodes:
        if source in known:
            yield source
        elif source.op == "call_function":
            yield from _sources(source, known)
