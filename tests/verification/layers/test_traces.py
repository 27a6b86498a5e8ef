"""Traces of a student's artifacts, by the real runtimes, against its float Program."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.devices.runner import SESSIONS
from edgekit.manifest import read_manifest
from edgekit.verification.layers import onnx as of_onnx
from edgekit.verification.layers import openvino as of_openvino
from edgekit.verification.layers import tflite as of_tflite
from edgekit.verification.layers.compare import NARROW, compare, first_wrong
from edgekit.verification.layers.programs import layers_of, trace_program


@pytest.fixture(scope="module")
def layers(program):
    return layers_of(program)


@pytest.fixture(scope="module")
def inputs(data):
    samples = [data.read(sample)[0] for sample in data.samples[:3]]
    return (np.concatenate(samples),)


@pytest.fixture(scope="module")
def floats(program, inputs, layers):
    return trace_program(program, inputs, layers)


def test_layers_have_names_inputs_and_one_tensor_each(layers, floats, student):
    modules = {name for name, _ in student.model.named_modules()}
    names = [layer.name for layer in layers]
    assert set(floats) == set(names)
    for place, layer in enumerate(layers):
        assert set(layer.inputs) <= set(names[:place])
        if layer.group in ("convolution", "linear"):
            assert layer.module in modules


@pytest.mark.parametrize(
    ("precision", "plain", "share"),
    [("fp32", False, 0.8), ("int8", True, 0.8), ("int8", False, 0.5)],
)
def test_onnx_gives_every_layer_that_it_computes(
    precision, plain, share, bundles, layers, inputs, floats
):
    """An integer kernel holds its activation too: what lies between the two is nowhere."""
    found = of_onnx.trace(bundles.of("x86", precision) / "model.onnx", inputs, layers, plain)
    rows = compare(layers, floats, found)
    assert len(rows) >= share * len(layers)
    limit = 80 if precision == "fp32" else 8
    assert all(row.sqnr_db > limit for row in rows)
    assert first_wrong(rows, NARROW) is None


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_openvino_gives_the_layers_that_it_computes(
    precision, plain, bundles, layers, inputs, floats
):
    path = bundles.of("intel", precision) / "model.openvino"
    rows = compare(layers, floats, of_openvino.trace(path, inputs, layers, plain))
    assert len(rows) >= (0.9 if precision == "fp32" else 0.6) * len(layers)
    limit = 80 if precision == "fp32" else 8
    assert all(row.sqnr_db > limit for row in rows)
    assert first_wrong(rows, NARROW) is None


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_tflite_gives_weighted_layers_in_the_programs_layout(
    precision, plain, bundles, layers, inputs, floats
):
    found = of_tflite.trace(
        bundles.of("android", precision) / "model.tflite", inputs, layers, plain
    )
    rows = compare(layers, floats, found)
    assert len(rows) == sum(layer.group in ("convolution", "linear") for layer in layers)
    limit = 80 if precision == "fp32" else 8
    assert all(row.sqnr_db > limit for row in rows)
    assert first_wrong(rows) is None


def test_a_quantized_program_is_near_the_artifact_built_from_it(
    bundles, program, ranges, layers, inputs, floats
):
    quantized = quantize(program, ranges, SCHEMES["onnxruntime"])
    simulated = trace_program(quantized, inputs, layers)
    found = of_onnx.trace(bundles.of("x86", "int8") / "model.onnx", inputs, layers)
    near = {row.layer.name: row.sqnr_db for row in compare(layers, simulated, found)}
    far = {row.layer.name: row.sqnr_db for row in compare(layers, floats, found)}
    assert np.median([near[name] - far[name] for name in near]) > 5


@pytest.mark.parametrize("place", [2, 6])
def test_the_layer_whose_weights_were_damaged_is_named(
    place, bundles, layers, inputs, floats, tmp_path
):
    model = onnx.load(bundles.of("x86", "fp32") / "model.onnx")
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    weight = next(i for i in model.graph.initializer if i.name == convolutions[place].input[1])
    values = numpy_helper.to_array(weight)[::-1].copy()
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    onnx.save(model, tmp_path / "model.onnx")
    rows = compare(layers, floats, of_onnx.trace(tmp_path / "model.onnx", inputs, layers))
    found = first_wrong(rows)
    assert found.layer.name == convolutions[place].output[0]


@pytest.mark.parametrize("target", ["x86", "intel", "android"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_trace_shows_what_the_artifact_itself_puts_out(
    target, precision, bundles, layers, inputs
):
    """More outputs must not bring in other kernels than an app gets."""
    bundle = bundles.of(target, precision)
    manifest = read_manifest(bundle)
    session = SESSIONS[manifest.runner](str(bundle / manifest.artifact), ["image"], 1)
    rows = [session.run([inputs[0][index : index + 1]]) for index in range(len(inputs[0]))]
    tracer = {"x86": of_onnx, "intel": of_openvino, "android": of_tflite}[target]
    found = tracer.trace(bundle / manifest.artifact, inputs, layers)
    assert np.array_equal(found[layers[-1].name], np.concatenate(rows))


def test_tflites_own_operators_are_all_traced_and_named(bundles, layers, inputs):
    path = bundles.of("android", "int8") / "model.tflite"
    own = of_tflite.operators(path, layers)
    found = of_tflite.trace(path, inputs, own)
    assert set(found) == {operator.name for operator in own}
    assert {"CONV_2D", "FULLY_CONNECTED"} <= {operator.group for operator in own}
    modules = {layer.module for layer in layers}
    assert {operator.module for operator in own} <= modules | {"the input"}
    assert own[-1].module == layers[-1].module
