from collections import Counter

import numpy as np
import pytest


@pytest.fixture(scope="module")
def interpreter(bundles):
    from ai_edge_litert.interpreter import Interpreter

    def open_model(precision):
        path = bundles.of("android", precision) / "model.tflite"
        return Interpreter(model_path=str(path))

    return open_model


def kinds(model):
    return Counter(np.dtype(item["dtype"]).name for item in model.get_tensor_details())


def test_int8_tensors_are_the_rule(interpreter):
    found = kinds(interpreter("int8"))
    assert found["int8"] > 10 * found["float32"]
    assert found["int32"] > 10  # biases


def test_int8_kernels_have_integer_weights(interpreter):
    weights = [
        item
        for item in interpreter("int8").get_tensor_details()
        if len(item["shape"]) == 4 and len(item["quantization_parameters"]["scales"]) > 1
    ]
    assert len(weights) > 10
    assert {np.dtype(item["dtype"]).name for item in weights} == {"int8"}
    assert all((item["quantization_parameters"]["zero_points"] == 0).all() for item in weights)


def test_fp16_stores_half_the_bytes_and_takes_floats(interpreter):
    model = interpreter("fp16")
    assert kinds(model)["float16"] > 10
    assert model.get_input_details()[0]["dtype"] == np.float32


def test_fp32_has_no_integers_for_activations(interpreter):
    assert kinds(interpreter("fp32"))["int8"] == 0
