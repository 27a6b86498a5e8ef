"""Traces of a student's artifacts, by the real runtimes, against its float Program."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.devices.device import device_named
from edgekit.manifest import read_manifest, write_manifest
from edgekit.verification.layers import tflite as of_tflite
from edgekit.verification.layers.artifacts import trace_artifact
from edgekit.verification.layers.compare import NARROW, compare, first_wrong
from edgekit.verification.layers.programs import layers_of, trace_program

HERE = device_named("local")


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
    found = trace_artifact(HERE, bundles.of("x86", precision), inputs, layers, plain)
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
    found = trace_artifact(HERE, bundles.of("intel", precision), inputs, layers, plain)
    rows = compare(layers, floats, found)
    assert len(rows) >= (0.9 if precision == "fp32" else 0.6) * len(layers)
    limit = 80 if precision == "fp32" else 8
    assert all(row.sqnr_db > limit for row in rows)
    assert first_wrong(rows, NARROW) is None


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_tflite_gives_weighted_layers_in_the_programs_layout(
    precision, plain, bundles, layers, inputs, floats
):
    found = trace_artifact(HERE, bundles.of("android", precision), inputs, layers, plain)
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
    found = trace_artifact(HERE, bundles.of("x86", "int8"), inputs, layers)
    near = {row.layer.name: row.sqnr_db for row in compare(layers, simulated, found)}
    far = {row.layer.name: row.sqnr_db for row in compare(layers, floats, found)}
    assert np.median([near[name] - far[name] for name in near]) > 5


@pytest.mark.parametrize("place", [2, 6])
def test_the_layer_whose_weights_were_damaged_is_named(
    place, bundles, layers, inputs, floats, tmp_path
):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    manifest = read_manifest(bundle)
    model = onnx.load(bundle / "model.onnx")
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    weight = next(i for i in model.graph.initializer if i.name == convolutions[place].input[1])
    values = numpy_helper.to_array(weight)[::-1].copy()
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    onnx.save(model, bundle / "model.onnx")
    write_manifest(manifest, bundle)
    rows = compare(layers, floats, trace_artifact(HERE, bundle, inputs, layers))
    found = first_wrong(rows)
    assert found.layer.name == convolutions[place].output[0]


@pytest.mark.parametrize("target", ["x86", "intel", "android"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_trace_shows_what_the_artifact_itself_puts_out(
    target, precision, bundles, layers, inputs
):
    """More outputs must not bring in other kernels than an app gets."""
    bundle = bundles.of(target, precision)
    found = trace_artifact(HERE, bundle, inputs, layers)
    own = HERE(bundle, {"image": inputs[0]}).logits
    assert np.array_equal(found[layers[-1].name], own)


def test_tflites_own_operators_are_all_traced_and_named(bundles, layers, inputs):
    bundle = bundles.of("android", "int8")
    own = of_tflite.operators(bundle / "model.tflite", layers)
    found = trace_artifact(HERE, bundle, inputs, own)
    assert set(found) == {operator.name for operator in own}
    assert {"CONV_2D", "FULLY_CONNECTED"} <= {operator.group for operator in own}
    modules = {layer.module for layer in layers}
    assert {operator.module for operator in own} <= modules | {"the input"}
    assert own[-1].module == layers[-1].module
