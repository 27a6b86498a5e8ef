from collections import Counter

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import pytest
import torch
from torch import nn

from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.exporters.onnx import build
from edgekit.exporters.onnx_bias import quantize_biases
from edgekit.target import target_named


class Block(nn.Module):
    """Tokens through two linears, as in a transformer."""

    def __init__(self):
        super().__init__()
        self.wide, self.narrow, self.head = nn.Linear(8, 16), nn.Linear(16, 8), nn.Linear(8, 2)

    def forward(self, tokens):
        return self.head(tokens + self.narrow(torch.nn.functional.gelu(self.wide(tokens))))


@pytest.fixture(params=["flat", "as_traced"])
def made(request, student_on_noise, tmp_path):
    """The quantized Program of the block, and its artifact.

    Flat tokens make one operator (Gemm) of product and sum, others two (MatMul and Add).
    """
    scheme = SCHEMES["onnxruntime"]
    if request.param == "as_traced":
        scheme = scheme.model_copy(update={"rewrites": ()})
    student = student_on_noise(Block, 1, 5, 8)
    quantized = quantize(student.program, student.ranges, scheme)
    build(quantized, target_named("x86"), "int8", tmp_path)
    return quantized, tmp_path / "model.onnx"


def test_the_bias_of_a_linear_that_gives_floats_is_int32(made):
    model = onnx.load(made[1])
    constants = {item.name: item for item in model.graph.initializer}
    made_by = {name: node for node in model.graph.node for name in node.output}
    kinds = []
    for node in model.graph.node:
        if node.op_type in ("Add", "Gemm") and node.input[-1] in made_by:
            source = made_by[node.input[-1]]
            if source.op_type == "DequantizeLinear":
                kinds.append(constants[source.input[0]].data_type)
    assert kinds == [onnx.TensorProto.INT32] * 2


def test_the_graph_is_valid(made):
    onnx.checker.check_model(onnx.load(made[1]), full_check=True)


def test_onnxruntime_fuses_it_into_one_product(made, tmp_path):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(made[1], options, providers=["CPUExecutionProvider"])
    kinds = Counter(node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node)
    assert kinds["QGemm"] == 2


def test_the_artifact_agrees_with_the_program(made):
    program, path = made
    module = program.module(check_guards=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for sample in torch.randn(16, 1, 5, 8):
        (got,) = session.run(None, {"given": sample.numpy()})
        wanted = module(sample).detach().numpy()
        assert np.abs(got - wanted).max() < 0.02 * np.abs(wanted).max()


def graph_of(bias=(1.0, 2.0), right="restored", after="Relu"):
    """Return `DQ(x) @ right + bias` with an operator behind it."""
    helper = onnx.helper
    constants = {
        "step": np.float32(0.5),
        "steps": np.full(2, 0.25, np.float32),
        "weight": np.ones((3, 2), np.int8),
        "bias": np.asarray(bias, np.float32),
    }
    quantizes = after == "QuantizeLinear"
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "step"], ["left"]),
        helper.make_node("DequantizeLinear", ["weight", "steps"], ["restored"], axis=1),
        helper.make_node("Relu", ["restored"], ["computed"]),
        helper.make_node("MatMul", ["left", right], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node(after, ["sum", "step"] if quantizes else ["sum"], ["y"]),
    ]
    kind = onnx.TensorProto.UINT8 if quantizes else onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", onnx.TensorProto.UINT8, [4, 3])],
        [helper.make_tensor_value_info("y", kind, [4, 2])],
        [onnx.numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    return ir.from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]))


def test_a_bias_becomes_whole_steps_of_the_product():
    model = graph_of(bias=[1.0, -2.03])
    assert quantize_biases(model) == 1
    (sum_,) = [node for node in model.graph if node.op_type == "Add"]
    steps, scale = (item.const_value.numpy() for item in sum_.inputs[1].producer().inputs)
    assert steps.tolist() == [8, -16]
    assert scale.tolist() == [0.125, 0.125]


OTHERS = {
    "the_sum_is_quantized": {"after": "QuantizeLinear"},
    "a_float_operand": {"right": "computed"},
    "beyond_int32": {"bias": [1e9, 0.0]},
    "a_matrix": {"bias": [[1.0, 2.0]]},
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_sums_stay_as_they_are(name):
    model = graph_of(**OTHERS[name])
    assert quantize_biases(model) == 0
    assert len([node for node in model.graph if node.op_type == "DequantizeLinear"]) == 2
