"""Place quantize/dequantize pairs into the float Program, as a Scheme says.

The result is a Program with `quantized_decomposed` operators, the form that the exporters of ONNX,
TFLite and Core ML read. Scales come from the Ranges alone; no image is needed. The rules:

1. An operator that is chosen (`calibration/choose.py`) reads its activations and its weight through
   pairs.
2. What it gives goes through a pair too, after the activation functions that the runtime fuses;
   only an operator that the runtime lets give floats does without.
3. Operators that only move values repeat their input's pair, and what is concatenated shares one,
   so that no rescaling appears.
4. The last heavy operator before an output stays float, also where a logit scale, a sigmoid or the
   like follows it: it is small, and scores need its precision.
"""

from collections.abc import Collection

from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from edgekit.calibration.choose import Chosen, activations_of, choose, gives_output
from edgekit.calibration.integer_functions import rewrite_functions
from edgekit.calibration.methods import METHODS
from edgekit.calibration.operators import group_of, pairs, weight_axis
from edgekit.calibration.program import relift, unlift
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.rewrites import rewrite_graph
from edgekit.calibration.scales import QParams, activation_qparams, unit_qparams
from edgekit.calibration.scheme import Scheme
from edgekit.calibration.weights import quantize_weight
from edgekit.errors import InputError


def quantize(
    program: ExportedProgram,
    ranges: Ranges,
    scheme: Scheme,
    folded: bool = True,
    floats: Collection[str] = (),
) -> ExportedProgram:
    """Return a copy of the Program with quantize/dequantize pairs.

    Args:
        program: the float Program that the Ranges were observed on.
        ranges: one histogram per tensor.
        scheme: where pairs go and how they are scaled.
        folded: store quantized weights as integers; see `calibration/weights.py`.
        floats: names of operators that stay float although the Scheme would choose them.

    Raises:
        InputError: when the Ranges are of another Program.
    """
    graph = unlift(program)
    rewrite_graph(graph, scheme.rewrites)
    chosen = choose(graph, scheme, floats)
    qparams = _tensor_qparams(chosen, ranges, scheme)
    for node in chosen.nodes:
        axis = weight_axis(node)
        if axis is not None:
            per_channel, weights = scheme.per_channel, scheme.weights
            quantize_weight(graph, node, axis, per_channel, folded, weights)
    for tensor, pair in qparams.items():
        _insert_pair(graph, tensor, pair)
    rewrite_functions(graph, chosen.functions, scheme)
    example = program.example_inputs
    assert example is not None
    return relift(graph, example[0])


def quantize_weights(program: ExportedProgram) -> ExportedProgram:
    """Return a copy of the float Program with int8 weights per channel; activations stay float."""
    graph = unlift(program)
    for node in list(graph.graph.nodes):
        axis = weight_axis(node)
        if axis is not None and not gives_output(node):
            quantize_weight(graph, node, axis, per_channel=True, folded=True)
    assert program.example_inputs is not None
    return relift(graph, program.example_inputs[0])


def _tensor_qparams(chosen: Chosen, ranges: Ranges, scheme: Scheme) -> dict[Node, QParams]:
    """Decide which tensors get a pair, and its figures."""
    wanted: dict[Node, None] = {}
    for node in [*chosen.nodes, *chosen.functions]:
        wanted.update(dict.fromkeys(activations_of(node)))
        if node in chosen.integers:
            wanted[_after_fused(node, scheme)] = None
    found = {tensor: _qparams_of(tensor, ranges, scheme) for tensor in wanted}
    for node in chosen.nodes:
        if group_of(node) == "concat":
            _share_pair(found, node, _after_fused(node, scheme))
    if "move" in scheme.operators:
        _spread_moves(found)
    return found


def _share_pair(found: dict[Node, QParams], concat: Node, given: Node) -> None:
    """Give what is concatenated the pair of the result.

    Behind a fused activation function that pair may not hold everything that was concatenated; so
    a tensor with other readers keeps its own then.
    """
    for tensor in activations_of(concat):
        if given is concat or len(tensor.users) == 1:
            found[tensor] = found[given]


def _qparams_of(tensor: Node, ranges: Ranges, scheme: Scheme) -> QParams:
    if group_of(tensor) == "sigmoid" and not scheme.symmetric:
        return unit_qparams(scheme)
    name = tensor.meta.get("range", tensor.name)
    if name not in ranges.histograms:
        raise InputError(
            f"the ranges hold no tensor {name!r}: they are of another program",
            "Run edgekit calibrate again",
        )
    low, high = METHODS[scheme.method](ranges.histograms[name], symmetric=scheme.symmetric)
    return activation_qparams(low, high, scheme)


def _after_fused(node: Node, scheme: Scheme) -> Node:
    """Follow the activation functions that the runtime fuses into `node`."""
    while len(node.users) == 1:
        user = next(iter(node.users))
        if group_of(user) not in scheme.fused:
            break
        node = user
    return node


def _spread_moves(found: dict[Node, QParams]) -> None:
    """Give the outputs of moving operators their input's pair, in graph order."""
    todo = list(found)
    while todo:
        tensor = todo.pop()
        for user in tensor.users:
            moves = group_of(user) == "move" and not gives_output(user)
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
