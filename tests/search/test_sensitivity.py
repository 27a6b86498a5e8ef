"""A layer that loses much is found."""

import pytest
import torch

from edgekit.calibration.corrections.samples import Images, spread
from edgekit.calibration.layers import layer_name
from edgekit.calibration.operators import HEAVY, group_of
from edgekit.calibration.program import unlift
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.search.moves import heavy
from edgekit.search.sensitivity import sensitive_layers
from edgekit.testing.student import small_student

pairs = torch.ops.quantized_decomposed


@pytest.mark.parametrize("place", [1, 4])
def test_the_layer_with_a_blown_up_scale_comes_first(program, ranges, data, place):
    quantized = quantize(program, ranges, SCHEMES["onnxruntime"], folded=False)
    bad = heavy(program)[place].name
    _blow_up(quantized, bad)
    samples = spread(Images(data), 2)
    order = sensitive_layers(program, quantized, samples)
    assert order[0] == bad
    assert set(order) == {node.name for node in heavy(program)}


def test_layers_are_told_apart_where_a_rewrite_splits_some(tmp_path):
    """Its depthwise kernels of 7 x 7 become three each, which numbers every later node anew."""
    student = small_student(tmp_path / "samples", "convnext_atto")
    quantized = quantize(student.program, student.ranges, SCHEMES["tflite"], folded=False)
    layers, renamed = (
        {layer_name(node): node.name for node in unlift(program).graph.nodes if is_heavy(node)}
        for program in (student.program, quantized)
    )
    bad = "backbone.stages.3.blocks.0.mlp.fc1"
    assert renamed[bad] != layers[bad]
    _blow_up(quantized, renamed[bad])
    order = sensitive_layers(student.program, quantized, spread(Images(student.data), 2))
    assert order[0] == layers[bad]
    assert set(order) == {name for layer, name in layers.items() if not layer.endswith("conv_dw")}


def is_heavy(node):
    return group_of(node) in HEAVY


def _blow_up(quantized, name):
    """Make the steps of one layer's weight 60 times as wide."""
    node = next(node for node in quantized.graph.nodes if node.name == name)
    restored = node.args[1]
    assert restored.target == pairs.dequantize_per_channel.default
    scales = [restored.args[1], restored.args[0].args[1]]
    held = quantized.graph_signature.inputs_to_buffers
    for name in {held[scale.name] for scale in scales}:
        for store in (quantized.state_dict, quantized.constants):
            if name in store:
                store[name] = store[name] * 60
