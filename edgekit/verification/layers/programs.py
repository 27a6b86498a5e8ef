"""Layers and traces of Programs: the float one, and the one with quantize/dequantize pairs."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram
from torch.fx import Interpreter, Node

from edgekit.calibration.layers import layer_name
from edgekit.calibration.operators import group_of, pairs
from edgekit.calibration.program import unlift
from edgekit.verification.layers.layer import Layer

_SILENT = (None, "move")
_QUANTIZE = (pairs.quantize_per_tensor.default,)


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


class _Tracer(Interpreter):
    """Keeps the tensors of some nodes, behind their pair where they have one."""

    def __init__(self, program: ExportedProgram, wanted: Collection[str]) -> None:
        super().__init__(unlift(program))
        self._names: dict[Node, str] = {}
        for node in self.graph.nodes:
            if node.name in wanted:
                self._names[_behind_pair(node)] = node.name
        self.kept: dict[str, torch.Tensor] = {}

    def run_node(self, n: Node) -> Any:
        result = super().run_node(n)
        if n in self._names:
            self.kept[self._names[n]] = result.clone()  # what comes next may work in place
        return result


def _behind_pair(node: Node) -> Node:
    """Return what others read in a node's place once it is quantized."""
    for user in node.users:
        if user.target in _QUANTIZE:
            return next(iter(user.users), node)
    return node


def trace_program(
    program: ExportedProgram, inputs: tuple[NDArray[np.float32], ...], layers: Sequence[Layer]
) -> dict[str, NDArray[np.float32]]:
    """Run a Program and return the tensors of some layers, float32 [N, C, ...].

    Args:
        program: float or with pairs.
        inputs: float32 [N, ...] each; N runs of batch 1.
        layers: of the float Program; those that the Program lacks are left out.
    """
    tracer = _Tracer(program, {layer.name for layer in layers})
    rows: dict[str, list[NDArray[np.float32]]] = {}
    with torch.inference_mode():
        for index in range(len(inputs[0])):
            tracer.run(*(torch.from_numpy(array[index : index + 1]) for array in inputs))
            for name, tensor in tracer.kept.items():
                rows.setdefault(name, []).append(tensor.numpy())
    return {name: np.concatenate(found) for name, found in rows.items()}
