"""Layers that a profile names."""

import pytest

from edgekit.search.moves import heavy
from edgekit.search.profile import profile_onnx, slow_layers


@pytest.fixture(scope="module")
def profiled(bundles):
    return [profile_onnx(bundles.of("x86", p) / "model.onnx") for p in ("int8", "fp32")]


def test_every_heavy_layer_of_the_program_has_a_time(profiled, program):
    names = {node.name for node in heavy(program)[:-1]}  # the last one's result is `logits`
    for times in profiled:
        assert names <= times.keys()
        assert all(times[name] >= 0 for name in names)


def test_slow_layers_are_those_that_take_longer_worst_first(bundles, program):
    names = [node.name for node in heavy(program)]
    int8, fp32 = (bundles.of("x86", p) / "model.onnx" for p in ("int8", "fp32"))
    found = slow_layers(int8, fp32, names)
    assert set(found) <= set(names)
    assert slow_layers(int8, fp32, ["no such layer"]) == []
