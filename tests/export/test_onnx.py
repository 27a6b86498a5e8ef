import numpy as np
import onnx
import pytest
from onnx import numpy_helper


@pytest.fixture(scope="module")
def model(bundles):
    return lambda target, precision: onnx.load(bundles.of(target, precision) / "model.onnx")


def nodes(model, kind):
    return [node for node in model.graph.node if node.op_type == kind]


@pytest.mark.parametrize("target", ["x86", "jetson"])
def test_int8_weights_are_stored_as_integers(model, target):
    found = model(target, "int8")
    constants = {item.name: item for item in found.graph.initializer}
    assert len(nodes(found, "QuantizeLinear")) > 10
    convolutions = nodes(found, "Conv")
    restored = {node.output[0]: node for node in nodes(found, "DequantizeLinear")}
    assert len(convolutions) > 10
    for node in convolutions:
        weight = constants[restored[node.input[1]].input[0]]
        assert weight.data_type == onnx.TensorProto.INT8


def test_jetson_has_no_zero_point_but_0(model):
    found = model("jetson", "int8")
    constants = {item.name: numpy_helper.to_array(item) for item in found.graph.initializer}
    pairs = nodes(found, "QuantizeLinear") + nodes(found, "DequantizeLinear")
    points = [constants[node.input[2]] for node in pairs if len(node.input) > 2]
    assert points
    assert all((point == 0).all() and point.dtype == np.int8 for point in points)


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_inputs_and_outputs_have_the_signatures_names_in_float(model, precision):
    graph = model("x86", precision).graph
    assert [item.name for item in graph.input] == ["image"]
    assert [item.name for item in graph.output] == ["logits"]
    kinds = {item.type.tensor_type.elem_type for item in (*graph.input, *graph.output)}
    assert kinds == {onnx.TensorProto.FLOAT}


def test_fp16_computes_in_fp16(model):
    constants = model("x86", "fp16").graph.initializer
    sizes = dict.fromkeys((onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16), 0)
    for item in constants:
        if item.data_type in sizes:
            sizes[item.data_type] += int(np.prod(item.dims))
    assert sizes[onnx.TensorProto.FLOAT16] > 100 * max(1, sizes[onnx.TensorProto.FLOAT])


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_the_graph_is_valid(model, precision):
    onnx.checker.check_model(model("x86", precision), full_check=True)


def test_onnxruntime_runs_the_convolutions_in_integers(bundles, tmp_path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    path = str(bundles.of("x86", "int8") / "model.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    found = onnx.load(tmp_path / "optimized.onnx")
    assert len(nodes(found, "QLinearConv")) > 10
    assert not nodes(found, "Conv")
