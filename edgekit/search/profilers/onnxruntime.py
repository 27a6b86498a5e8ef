"""Whose kernels they are in a profile of ONNX Runtime's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.devices.device import KernelTime
from edgekit.search.profilers.kernel import Kernel

_BLOCKED = "_nchwc"
_GROUPS = {
    **dict.fromkeys(("Conv", "FusedConv", "QLinearConv", "ConvInteger"), "convolution"),
    **dict.fromkeys(("Gemm", "QGemm", "FusedGemm"), "linear"),
    **dict.fromkeys(("MatMul", "FusedMatMul", "QLinearMatMul", "MatMulInteger"), "matmul"),
}


def named(found: Sequence[KernelTime], path: Path) -> list[Kernel]:
    """Give each kernel the tensor of the file that it computes.

    Fusing gives nodes new names that begin with the old ones, so a time is given to the file's
    node with the longest such name. Float convolutions in ONNX Runtime's blocked layout are named
    after the last tensor that they compute, behind the activation and sum that are fused into them.
    What runs in between (conversions, layout changes) and fits no node has no name.

    Args:
        found: kernels, each with the one name that fusing gave it.
        path: the file.
    """
    import onnx

    graph = onnx.load(path).graph
    outputs = {node.name: node.output[0] for node in graph.node if node.name}
    events = {kernel.nodes[0]: kernel for kernel in found}
    owners = {event: _owner(event, outputs) for event in events}
    blocked = {event: event.removesuffix(_BLOCKED) for event in events if event.endswith(_BLOCKED)}
    known = {name for name in (*owners.values(), *blocked.values()) if name}
    kernels = []
    for event, kernel in events.items():
        name = owners[event]
        if not name and event in blocked:
            name = _convolution(graph, blocked[event], known)
        kernels.append(Kernel(kernel.kind, kernel.us, _GROUPS.get(kernel.kind, ""), name))
    return kernels


def _owner(event: str, outputs: dict[str, str]) -> str:
    """Return the tensor that the file's node with the longest fitting name computes."""
    node = max((name for name in outputs if event.startswith(name)), key=len, default=None)
    return "" if node is None else outputs[node]


def _convolution(graph: Any, last: str, known: set[str]) -> str:
    """Return the convolution whose kernel also computes up to the tensor `last`.

    Args:
        graph: of the file.
        last: a tensor's name.
        known: tensors that kernels of their own compute, at which no other kernel looks past.
    """
    makers = {output: node for node in graph.node for output in node.output}
    waiting = [last]
    while waiting:
        name = waiting.pop(0)
        if name not in makers or (name in known and name != last):
            continue
        if makers[name].op_type == "Conv":
            return name
        waiting += makers[name].input
    return last
