"""Place quantize/dequantize pairs into the float Program, as a Scheme says.

The result is a Program with `quantized_decomposed` operators, the form that the exporters of ONNX,
TFLite and Core ML read. Scales come from the Ranges alone; no image is needed. The rules:

1. An operator of the Scheme reads its activations and its weight through pairs.
2. What it gives goes through a pair too, after the activation functions that the runtime fuses.
3. Operators that only move values repeat their input's pair, so that no rescaling appears.
4. The last operator before an output stays float: it is small, and scores need its precision.
"""

from collections.abc import Iterator

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from edgekit.calibration.methods import METHODS
from edgekit.calibration.operators import IDENTITIES, group_of, pairs, weight_axis
from edgekit.calibration.program import relift, unlift
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.scales import QParams, activation_qparams
from edgekit.calibration.scheme import Scheme
from edgekit.calibration.weights import quantize_weight
from edgekit.errors import InputError


def quantize(
    program: ExportedProgram, ranges: Ranges, scheme: Scheme, folded: bool = True
) -> ExportedProgram:
    """Return a copy of the Program with quantize/dequantize pairs.

    Args:
        program: the float Program that the Ranges were observed on.
        ranges: one histogram per tensor.
        scheme: where pairs go and how they are scaled.
        folded: store quantized weights as integers; see `calibration/weights.py`.

    Raises:
        InputError: when the Ranges are of another Program.
    """
    graph = unlift(program)
    chosen = [node for node in graph.graph.nodes if _is_chosen(node, scheme)]
    qparams = _tensor_qparams(chosen, ranges, scheme)
    for node in chosen:
        axis = weight_axis(node)
        if axis is not None:
            quantize_weight(graph, node, axis, scheme.per_channel, folded)
    for tensor, pair in qparams.items():
        _insert_pair(graph, tensor, pair)
    example = program.example_inputs
    assert example is not None
    return relift(graph, example[0])


def _is_chosen(node: Node, scheme: Scheme) -> bool:
    group = group_of(node)
    if group not in scheme.operators or group == "move":
        return False
    return _is_float(node) and not _gives_output(node)


def _is_float(node: Node) -> bool:
    """Tell activations from the whole numbers that some networks count positions with."""
    value = node.meta.get("val")
    return isinstance(value, torch.Tensor) and value.dtype == torch.float32


def _gives_output(node: Node) -> bool:
    return any(user.op == "output" for user in node.users)


def _tensor_qparams(chosen: list[Node], ranges: Ranges, scheme: Scheme) -> dict[Node, QParams]:
    """Decide which tensors get a pair, and its figures."""
    found: dict[Node, QParams] = {}
    for node in chosen:
        for tensor in (*_activations(node), _after_fused(node, scheme)):
            if tensor not in found:
                found[tensor] = _qparams_of(tensor, ranges, scheme)
    if "move" in scheme.operators:
        _spread_moves(found)
    return found


def _qparams_of(tensor: Node, ranges: Ranges, scheme: Scheme) -> QParams:
    if tensor.name not in ranges.histograms:
        raise InputError(
            f"the ranges hold no tensor {tensor.name!r}: they are of another program",
            "Run edgekit calibrate again",
        )
    low, high = METHODS[scheme.method](ranges.histograms[tensor.name])
    return activation_qparams(low, high, scheme)


def _activations(node: Node) -> Iterator[Node]:
    """Yield the activations that an operator reads: float tensors that are no constants."""
    count = 1 if weight_axis(node) is not None else 2
    for argument in node.args[:count]:
        if isinstance(argument, Node) and argument.op != "get_attr" and _is_float(argument):
            yield argument


def _after_fused(node: Node, scheme: Scheme) -> Node:
    """Follow the activation functions that the runtime fuses into `node`."""
    while len(node.users) == 1:
        user = next(iter(node.users))
        if group_of(user) not in scheme.fused and user.target not in IDENTITIES:
            break
        node = user
    return node


def _spread_moves(found: dict[Node, QParams]) -> None:
    """Give the outputs of moving operators their input's pair, in graph order."""
    todo = list(found)
    while todo:
        tensor = todo.pop()
        for user in tensor.users:
            moves = group_of(user) == "move" and not _gives_output(user)
            if moves and found.get(user) != found[tensor]:
                found[user] = found[tensor]
                todo.append(user)


def _insert_pair(graph: GraphModule, tensor: Node, pair: QParams) -> None:
    users = [user for user in tensor.users if user.op != "output"]
    with graph.graph.inserting_after(tensor):
        quantized = graph.graph.call_function(
            pairs.quantize_per_tensor.default, (tensor, *pair.arguments())
        )
    with graph.graph.inserting_after(quantized):
        restored = graph.graph.call_function(
            pairs.dequantize_per_tensor.default, (quantized, *pair.arguments())
        )
    for user in users:
        user.replace_input_with(tensor, restored)
