import pytest

from edgekit.calibration.layers import layer_precisions
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES


@pytest.fixture(scope="module")
def floats(program):
    return layer_precisions(program, "fp32")


def weighted(layers):
    return {name for name in layers if "." in name or name == "head"}


def test_layers_have_the_students_own_names(floats, student):
    modules = {name for name, _ in student.model.named_modules()}
    assert len(weighted(floats)) > 10
    assert weighted(floats) <= modules


def test_float_layers_carry_the_precision_that_was_asked_for(program):
    assert set(layer_precisions(program, "fp16").values()) == {"fp16"}


@pytest.mark.parametrize("precision", ["dynamic", "int8_dynamic"])
def test_only_layers_with_such_a_kernel_are_dynamic(program, floats, precision):
    linears = layer_precisions(program, precision)
    assert {name for name, how in linears.items() if how != "fp32"} == {"head"}
    both = layer_precisions(program, precision, ("linear", "convolution"))
    assert {name for name, how in both.items() if how == "dynamic"} == weighted(floats)


def test_only_layers_with_weights_have_weights_only(program, floats):
    layers = layer_precisions(program, "weight_only")
    assert {name for name, how in layers.items() if how == "weight_only"} == weighted(floats)


@pytest.mark.parametrize("folded", [True, False])
def test_quantized_layers_keep_their_names(program, ranges, floats, folded):
    layers = layer_precisions(quantize(program, ranges, SCHEMES["tflite"], folded), "int8")
    assert set(layers) == set(floats)
    assert layers["backbone.layer1.0.conv1"] == "int8"


@pytest.mark.parametrize("name", SCHEMES)
def test_the_head_is_said_to_be_float(name, program, ranges):
    layers = layer_precisions(quantize(program, ranges, SCHEMES[name]), "int8")
    assert layers["head"] == "fp32"
