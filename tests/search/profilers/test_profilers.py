"""Profiles by the real runtimes, in the student's layers."""

import pytest

from edgekit.calibration.operators import group_of
from edgekit.devices.device import device_named
from edgekit.manifest import read_manifest, write_manifest
from edgekit.search.moves import heavy
from edgekit.search.profilers import kernels, slow_layers
from edgekit.search.profilers.kernel import Kernel

HERE = device_named("local")


@pytest.fixture(scope="module")
def layers(program):
    return {node.name: group_of(node) for node in heavy(program)}


@pytest.fixture(scope="module", params=["x86", "intel", "android"])
def profiles(request, bundles):
    return [kernels(HERE, bundles.of(request.param, kind)) for kind in ("int8", "fp32")]


def test_every_convolution_and_linear_has_a_time(profiles, layers):
    wanted = [group for group in layers.values() if group in ("convolution", "linear")]
    for profile in profiles:
        found = [kernel for kernel in profile if kernel.group in ("convolution", "linear")]
        assert len(found) == len(wanted) > 10
        assert all(kernel.us >= 0 for kernel in profile)
        assert sum(kernel.us for kernel in profile) > 10


def test_a_profile_against_itself_shows_nothing_slow(profiles, layers):
    for profile in profiles:
        assert slow_layers(profile, profile, layers) == []


def test_slow_layers_are_those_of_the_student(profiles, layers):
    assert set(slow_layers(*profiles, layers)) <= set(layers)


def test_layers_that_take_longer_come_worst_first():
    layers = {"a": "convolution", "b": "linear", "c": "matmul", "d": "linear"}

    def named(*times):
        return [Kernel("k", us, name=name) for name, us in zip(layers, times, strict=True)]

    assert slow_layers(named(3, 9, 1, 5), named(2, 4, 1, 6), layers) == ["b", "a"]


def test_kernels_without_names_are_matched_by_order_if_none_is_too_many():
    layers = {"a": "convolution", "b": "matmul", "c": "linear"}
    first, last = Kernel("x", 5.0, "convolution"), Kernel("y", 7.0, "linear")
    floats = [Kernel("x", 4.0, "convolution"), Kernel("cast", 50.0), Kernel("y", 6.0, "linear")]
    assert slow_layers([first, last], floats, layers) == ["a", "c"]
    assert slow_layers([first, first, last], floats, layers) == []


@pytest.mark.parametrize(("target", "file"), [("android", "model.tflite"), ("x86", "model.onnx")])
def test_what_cannot_be_profiled_has_no_kernels(target, file, bundles, tmp_path):
    broken = bundles.copy(target, "int8", tmp_path)
    manifest = read_manifest(broken)
    (broken / file).write_bytes(b"no model")
    write_manifest(manifest, broken)
    assert kernels(HERE, broken) == []
    assert kernels(HERE, bundles.of("iphone", "fp32")) == []
