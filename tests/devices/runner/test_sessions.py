"""What executes artifacts."""

import re

import pytest

from edgekit.devices.runner.sessions import session_named
from edgekit.devices.runner.sessions.litert import LiteRT
from edgekit.devices.runner.sessions.litert_names import KERNELS, give_names


def test_plain_kernels_fuse_nothing(bundles):
    """Without XNNPACK LiteRT executes every operator itself; with it they are one."""
    path = str(bundles.of("android", "int8") / "model.tflite")
    kinds = {}
    for plain in (True, False):
        model = LiteRT(path, ["image"], 1, plain).model
        kinds[plain] = {operator["op_name"] for operator in model._get_ops_details()}
    assert "DELEGATE" in kinds[False]
    assert "DELEGATE" not in kinds[True]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_convolutions_and_linears_of_a_profile_have_names_and_shapes(bundles, precision):
    path = str(bundles.of("android", precision) / "model.tflite")
    kernels = LiteRT.profile(path, ["image"], 1, runs=1)
    named = [kernel for kernel in kernels if kernel["nodes"]]
    assert len(named) > 10
    assert all(KERNELS.search(kernel["kind"]) for kernel in named)
    assert re.fullmatch(r"backbone\.[\w.]+ 1x\d+x\d+x\d+", named[0]["nodes"][0])


def test_names_are_left_out_where_the_order_does_not_tell_them():
    kernels = [{"kind": "Convolution (NHWC, F32) IGEMM", "nodes": []}]
    give_names(kernels, interpreter=object())
    assert kernels[0]["nodes"] == []


def test_an_unknown_session_is_named():
    with pytest.raises(ValueError, match="no session is called 'magic'"):
        session_named("magic")
