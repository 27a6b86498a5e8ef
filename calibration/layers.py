"""Which layer of a Program runs in which precision, in the student's own module names."""

import torch
from edgekit.calibration.operators import group_of
from edgekit.calibration.program import unlift
from torch.export import ExportedProgram
from torch.fx import Node


def layer_precisions(program: ExportedProgram, precision: str) -> dict[str, str]:
    """Return `int8` or the float precision for every convolution, linear, matmul, add, ...

    Args:
        program: float or with quantize/dequantize pairs.
        precision: of everything that has no pairs: `fp32` or `fp16`; `int8` artifacts keep fp32.
    """
    rest = "fp32" if precision == "int8" else precision
    found: dict[str, str] = {}
    for node in unlift(program).graph.nodes:
        if group_of(node) not in (None, "move", "relu", "clip"):
            found[_name(node)] = "int8" if _reads_pair(node) else rest
    return found


def _reads_pair(node: Node) -> bool:
    first = node.args[0]
    return (
        isinstance(first, Node)
        and first.target == torch.ops.quantized_decomposed.dequantize_per_tensor.default
    )


def _name(node: Node) -> str:
    """Name a layer by its weight's path where it has one, else by its operator."""
    for source in node.all_input_nodes[1:2]:
        while source.op == "call_function" and source.all_input_nodes:
            source = source.all_input_nodes[0]
        if source.op == "get_attr":
            return str(source.target).removesuffix("_int8").removesuffix(".weight")
    return node.name
