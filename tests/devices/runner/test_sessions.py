"""What executes artifacts."""

import pytest

from edgekit.devices.runner.sessions import session_named
from edgekit.devices.runner.sessions.litert import LiteRT


def test_plain_kernels_fuse_nothing(bundles):
    """Without XNNPACK LiteRT executes every operator itself; with it they are one."""
    path = str(bundles.of("android", "int8") / "model.tflite")
    kinds = {}
    for plain in (True, False):
        model = LiteRT(path, ["image"], 1, plain).model
        kinds[plain] = {operator["op_name"] for operator in model._get_ops_details()}
    assert "DELEGATE" in kinds[False]
    assert "DELEGATE" not in kinds[True]


def test_an_unknown_session_is_named():
    with pytest.raises(ValueError, match="no session is called 'magic'"):
        session_named("magic")
