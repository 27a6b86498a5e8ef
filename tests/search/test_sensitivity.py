"""A layer that loses much is found."""

import pytest
import torch

from edgekit.calibration.corrections.samples import Images, spread
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.search.moves import heavy
from edgekit.search.sensitivity import sensitive_layers

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
