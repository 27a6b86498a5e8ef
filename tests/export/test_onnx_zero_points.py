import onnx_ir as ir
import onnxruntime
import pytest

from edgekit.exporters.onnx_zero_points import own_zero_points


def zero_points_of(path):
    model = ir.load(path)
    restored = [node for node in model.graph if node.op_type == "DequantizeLinear"]
    stored = [node for node in restored if node.inputs[0].const_value is not None]
    return model, [node.inputs[2].name for node in stored]


@pytest.mark.parametrize("target", ["x86", "jetson"])
def test_no_two_weights_share_one(bundles, target):
    model, names = zero_points_of(bundles.of(target, "int8") / "model.onnx")
    assert len(names) == len(set(names)) > 10
    assert own_zero_points(model) == 0


def test_a_shared_one_is_copied_with_its_values(bundles):
    model, _ = zero_points_of(bundles.of("x86", "int8") / "model.onnx")
    weighted = [node for node in model.graph if node.op_type == "DequantizeLinear"]
    first, second = [
        node
        for node in weighted
        if node.inputs[0].const_value is not None and node.inputs[2].shape == (32,)
    ][:2]
    second.replace_input_with(2, first.inputs[2])
    assert own_zero_points(model) == 1
    assert second.inputs[2] is not first.inputs[2]
    assert (second.inputs[2].const_value.numpy() == first.inputs[2].const_value.numpy()).all()


def test_onnx_runtime_opens_the_file_in_its_precise_mode(bundles):
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    path = bundles.of("x86", "int8") / "model.onnx"
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [1, 3, 64, 64]
