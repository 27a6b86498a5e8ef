import pytest

from edgekit.calibration.layers import layer_precisions
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES


@pytest.fixture(scope="module")
def floats(program):
    return layer_precisions(program, "fp32")


def test_layers_have_the_students_own_names(floats, student):
    modules = {name for name, _ in student.model.named_modules()}
    weighted = [name for name in floats if "." in name or name == "head"]
    assert len(weighted) > 10
    assert set(weighted) <= modules


def test_float_layers_carry_the_precision_that_was_asked_for(program):
    assert set(layer_precisions(program, "fp16").values()) == {"fp16"}


@pytest.mark.parametrize("folded", [True, False])
def test_quantized_layers_keep_their_names(program, ranges, floats, folded):
    layers = layer_precisions(quantize(program, ranges, SCHEMES["tflite"], folded), "int8")
    assert set(layers) == set(floats)
    assert layers["backbone.layer1.0.conv1"] == "int8"


@pytest.mark.parametrize("name", SCHEMES)
def test_the_head_is_said_to_be_float(name, program, ranges):
    layers = layer_precisions(quantize(program, ranges, SCHEMES[name]), "int8")
    assert layers["head"] == "fp32"
