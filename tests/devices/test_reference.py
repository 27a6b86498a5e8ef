import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

from edgekit.devices.reference import Reference

RANDOM = np.random.default_rng(0)


def graph_of(operators, inputs, constants=(), outputs=("y",)):
    """Write a graph of (operator, inputs, outputs, attributes) as a model."""
    nodes = [helper.make_node(name, ins, outs, **rest) for name, ins, outs, rest in operators]
    values = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in inputs.items()
    ]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    stored = [numpy_helper.from_array(array, name) for name, array in dict(constants).items()]
    graph = helper.make_graph(nodes, "graph", values, results, stored)
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)


def opened(model, tmp_path, names):
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    return Reference(str(path), names, threads=1)


def plain(model, feed):
    """Run a model by ONNX Runtime as the file stands."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, feed)[0]


sizes = st.integers(1, 3)


@given(
    groups=st.sampled_from([1, 2, 4]),
    kernel=st.tuples(sizes, sizes),
    stride=sizes,
    dilation=st.integers(1, 2),
    pads=st.tuples(*[st.integers(0, 2)] * 4),
    bias=st.booleans(),
)
def test_a_convolution_is_torchs(tmp_path, groups, kernel, stride, dilation, pads, bias):
    x = RANDOM.normal(size=(1, 4, 9, 8)).astype(np.float32)
    constants = {"w": RANDOM.normal(size=(8, 4 // groups, *kernel)).astype(np.float32)}
    if bias:
        constants["b"] = RANDOM.normal(size=8).astype(np.float32)
    top, left, bottom, right = pads
    rest = {"group": groups, "strides": [stride] * 2, "dilations": [dilation] * 2}
    operator = ("Conv", ["x", *constants], ["y"], {**rest, "pads": [top, left, bottom, right]})
    model = graph_of([operator], {"x": x}, constants)
    padded = functional.pad(torch.from_numpy(x), (left, right, top, bottom)).double()
    tensors = [torch.from_numpy(array).double() for array in constants.values()]
    wanted = functional.conv2d(padded, *tensors, stride=stride, dilation=dilation, groups=groups)
    got = opened(model, tmp_path, ["x"]).run([x])
    assert np.array_equal(got, wanted.float().numpy()) or np.allclose(got, wanted, rtol=1e-6)


@given(
    kernel=st.integers(1, 4),
    stride=sizes,
    pad=st.integers(0, 2),
    ceil=st.booleans(),
    inside=st.booleans(),
    edge=st.integers(5, 11),
)
def test_pools_are_torchs(tmp_path, kernel, stride, pad, ceil, inside, edge):
    pad = min(pad, kernel // 2)
    x = RANDOM.normal(size=(1, 2, edge, edge)).astype(np.float32)
    given_ = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
    both = {**given_, "ceil_mode": int(ceil)}
    tensor = torch.from_numpy(x)
    mean = functional.avg_pool2d(tensor, kernel, stride, pad, ceil, inside)
    operator = ("AveragePool", ["x"], ["y"], {**both, "count_include_pad": int(inside)})
    got = opened(graph_of([operator], {"x": x}), tmp_path, ["x"]).run([x])
    assert np.allclose(got, mean, atol=1e-6)
    most = functional.max_pool2d(tensor, kernel, stride, pad, 1, ceil)
    got = opened(graph_of([("MaxPool", ["x"], ["y"], both)], {"x": x}), tmp_path, ["x"]).run([x])
    assert np.array_equal(got, most.numpy())


@pytest.mark.parametrize("integer", [np.int8, np.uint8])
@pytest.mark.parametrize("channels", [False, True])
def test_integers_round_to_even_and_saturate(tmp_path, integer, channels):
    x = np.concatenate([np.arange(-5, 5, 0.25), [-1e9, 1e9]]).astype(np.float32).reshape(1, 3, 14)
    size = 3 if channels else ()
    scale = np.full(size, 0.5, np.float32)
    zero = np.full(size, 3, integer)
    axis = {"axis": 1} if channels else {}
    operators = [
        ("QuantizeLinear", ["x", "s", "z"], ["q"], axis),
        ("DequantizeLinear", ["q", "s", "z"], ["y"], axis),
    ]
    model = graph_of(operators, {"x": x}, {"s": scale, "z": zero})
    assert np.array_equal(opened(model, tmp_path, ["x"]).run([x]), plain(model, {"x": x}))


@pytest.mark.parametrize(
    ("operator", "rest"),
    [("Gelu", {}), ("Gelu", {"approximate": "tanh"}), ("Erf", {}), ("Softmax", {"axis": -1})],
)
def test_functions_are_onnx_runtimes(tmp_path, operator, rest):
    x = RANDOM.normal(size=(2, 5)).astype(np.float32) * 3
    model = graph_of([(operator, ["x"], ["y"], rest)], {"x": x})
    got = opened(model, tmp_path, ["x"]).run([x])
    assert np.allclose(got, plain(model, {"x": x}), atol=2e-6)


def test_a_product_of_float16_overflows_in_float16(tmp_path):
    """ONNX Runtime computes it in float32 on a CPU and sees nothing."""
    x = np.full((1, 2), 300, np.float16)
    operators = [
        ("MatMul", ["x", "w"], ["m"], {}),
        ("Cast", ["m"], ["y"], {"to": TensorProto.FLOAT}),
    ]
    model = graph_of(operators, {"x": x}, {"w": np.full((2, 1), 300, np.float16)})
    assert opened(model, tmp_path, ["x"]).run([x])[0, 0] == np.inf


def test_what_nobody_reads_any_more_is_let_go(tmp_path):
    x = np.ones((1, 2), np.float32)
    operators = [("Relu", ["x"], ["a"], {}), ("Neg", ["a"], ["b"], {}), ("Exp", ["b"], ["y"], {})]
    session = opened(graph_of(operators, {"x": x}), tmp_path, ["x"])
    assert session.tensors({"x": x}, ["a", "y"]).keys() == {"a", "y"}
    assert session.last_use == {1: ["a"], 2: ["b"]}
