"""Which layer of a Program runs in which precision, in the student's own module names."""

from collections.abc import Container

from torch.export import ExportedProgram
from torch.fx import Node

from edgekit.calibration.operators import group_of, pairs, weight_axis
from edgekit.calibration.program import unlift

_PAIRS = (pairs.dequantize_per_channel.default, pairs.quantize_per_channel.default)
_RESTORED = (pairs.dequantize_per_tensor.default, pairs.dequantize_per_channel.default)


def layer_precisions(
    program: ExportedProgram, precision: str, dynamic: Container[str] = ("linear",)
) -> dict[str, str]:
    """Return the precision of every convolution, linear, matmul, add, ...

    Args:
        program: float or with quantize/dequantize pairs, which mean `int8`.
        precision: what was built; it decides about everything that has no pairs.
        dynamic: groups of operators with a kernel that finds its scales at run time.
    """
    found: dict[str, str] = {}
    for node in unlift(program).graph.nodes:
        if group_of(node) not in (None, "move", "relu", "clip"):
            rest = _rest(node, precision, dynamic)
            found[layer_name(node)] = "int8" if _reads_pairs(node) else rest
    return found


def _rest(node: Node, precision: str, dynamic: Container[str]) -> str:
    if precision == "fp16":
        return "fp16"
    if precision in ("dynamic", "int8_dynamic") and group_of(node) in dynamic:
        return "dynamic"
    weighted = precision == "weight_only" and weight_axis(node) is not None
    return "weight_only" if weighted else "fp32"


def _reads_pairs(node: Node) -> bool:
    """Tell whether all of the operands, the weight among them, come out of pairs."""
    operands = [argument for argument in node.args[:2] if isinstance(argument, Node)]
    return all(operand.target in _RESTORED for operand in operands)


def layer_name(node: Node) -> str:
    """Name a layer by its weight's path where it has one, else by its operator."""
    if weight_axis(node) is None:
        return node.name
    source = node.all_input_nodes[1]
    while source.target in _PAIRS:
        source = source.all_input_nodes[0]
    if source.op != "get_attr":
        return node.name
    return str(source.target).removesuffix("_int8").removesuffix(".weight")
