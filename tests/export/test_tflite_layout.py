import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from edgekit.calibration.operators import pairs
from edgekit.calibration.program import unlift
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.exporters.tflite import build
from edgekit.exporters.tflite_layout import _to_nhwc, separate_readers
from edgekit.target import target_named


class Block(nn.Module):
    """Integers, a 7 x 7 depthwise convolution beside them, a residual sum."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 2, 1)
        self.mix, self.point = nn.Conv2d(8, 8, 7, padding=3, groups=8), nn.Conv2d(8, 8, 1)

    def forward(self, image):
        seen = torch.relu(self.stem(image))
        return self.head(seen + self.point(self.mix(seen))).mean((2, 3))


class Permuted(nn.Module):
    """EdgeNeXt's block: a branch through NHWC, a sum with what the branch started from."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 2, 1)
        self.mix, self.norm = nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.LayerNorm(8)
        self.wide, self.narrow = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, image):
        shortcut = self.stem(image)
        seen = self.norm(self.mix(shortcut).permute(0, 2, 3, 1))
        seen = self.narrow(functional.gelu(self.wide(seen))).permute(0, 3, 1, 2)
        return self.head(shortcut + seen).mean((2, 3))


def test_a_sum_behind_a_branch_in_nhwc_converts_as_the_program_computes(student_on_noise, tmp_path):
    student = student_on_noise(Permuted, 1, 3, 8, 8)
    quantized = quantize(student.program, student.ranges, SCHEMES["tflite"], folded=False)
    built = build(quantized, target_named("android"), "int8", tmp_path)
    session = SESSIONS["litert"](str(tmp_path / built.artifact), ["given"], 1)
    module = quantized.module(check_guards=False)
    for sample in torch.randn(8, 1, 3, 8, 8):
        wanted = module(sample).detach().numpy()
        assert np.abs(session.run([sample.numpy()]) - wanted).max() < 0.01


def test_each_reader_has_its_own_dequantize_and_the_function_stays_the_same(student_on_noise):
    student = student_on_noise(Permuted, 1, 3, 8, 8)
    quantized = quantize(student.program, student.ranges, SCHEMES["tflite"], folded=False)
    graph, sample = unlift(quantized), torch.randn(1, 3, 8, 8)
    wanted = graph(sample)
    assert separate_readers(graph) >= 1
    restored = graph.graph.find_nodes(
        op="call_function", target=pairs.dequantize_per_tensor.default
    )
    assert all(len(node.users) == 1 for node in restored)
    assert torch.equal(graph(sample), wanted)
    assert separate_readers(graph) == 0


def test_a_float_depthwise_convolution_amid_integers_converts(student_on_noise, tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    student = student_on_noise(Block, 1, 3, 8, 8)
    quantized = quantize(student.program, student.ranges, SCHEMES["tflite"], folded=False)
    build(quantized, target_named("android"), "int8", tmp_path)
    session = Interpreter(model_path=str(tmp_path / "model.tflite"))
    session.allocate_tensors()
    kinds = {item["dtype"] for item in session.get_tensor_details() if len(item["shape"]) == 4}
    assert {np.int8, np.float32} <= kinds
    (given,), (taken,) = session.get_input_details(), session.get_output_details()
    module, (scale, zero_point) = quantized.module(check_guards=False), given["quantization"]
    for sample in torch.randn(8, 1, 3, 8, 8):
        integers = np.clip(np.round(sample.numpy() / scale) + zero_point, -128, 127)
        session.set_tensor(given["index"], integers.astype(given["dtype"]))
        session.invoke()
        wanted = module(sample).detach().numpy()
        assert np.abs(session.get_tensor(taken["index"]) - wanted).max() < 0.01


@pytest.mark.parametrize(
    "pads", [[1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 5, 0], [1, 2, 3, 4, 5, 0, 0, 6]]
)
def test_padding_in_nhwc_is_padding_in_nchw(pads):
    graph = torch.fx.Graph()
    image = graph.placeholder("image")
    node = graph.call_function(torch.ops.aten.constant_pad_nd.default, (image, pads, 0.5))
    _to_nhwc(node)
    sample = torch.randn(1, 2, 3, 4)
    got = functional.pad(sample.permute(0, 2, 3, 1), node.args[1], value=node.args[2])
    assert torch.equal(got.permute(0, 3, 1, 2), functional.pad(sample, pads, value=0.5))
