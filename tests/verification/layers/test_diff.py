"""Bundles of one student, whole and damaged."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgekit.devices.device import device_named
from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.manifest import read_manifest, write_manifest
from edgekit.verification.layers.artifacts import trace_artifact
from edgekit.verification.layers.diff import diff
from edgekit.verification.layers.programs import layers_of

HERE = device_named("local")


@pytest.mark.parametrize("target", ["x86", "intel", "android", "jetson", "iphone"])
def test_an_undamaged_bundle_parts_nowhere(target, bundles, made):
    found = diff(made, HERE, None, bundles.of(target, "int8"))
    assert found.wrong is None
    # Nothing here runs Core ML: what its converter accepted is all that was earned.
    earned = {"jetson": "reference", "iphone": "compiled"}
    assert found.second.evidence == earned.get(target, "host")
    assert found.first.evidence is None
    assert all(row.sqnr_db > 5 for row in found.layers)
    json.dumps(found.to_json(), allow_nan=False)


def test_two_runtimes_of_one_student_agree_in_float(bundles, made):
    found = diff(made, HERE, bundles.of("x86", "fp32"), bundles.of("android", "fp32"))
    assert found.first.to_json() == {"bundle": bundles.of("x86", "fp32").name, "evidence": "host"}
    assert found.wrong is None
    assert min(row.sqnr_db for row in found.layers) > 80


def test_a_damaged_layer_is_named_with_its_cause(bundles, made, tmp_path):
    bundle = bundles.copy("x86", "int8", tmp_path)
    manifest = read_manifest(bundle)
    model = onnx.load(bundle / "model.onnx")
    weights = [item for item in model.graph.initializer if item.name.endswith(".weight_int8")]
    values = numpy_helper.to_array(weights[4])[::-1].copy()
    name = weights[4].name.removesuffix(".weight_int8")
    weights[4].CopyFrom(numpy_helper.from_array(values, weights[4].name))
    onnx.save(model, bundle / "model.onnx")
    write_manifest(manifest, bundle)
    found = diff(made, HERE, None, bundle)
    assert found.wrong.cause.startswith("the artifact computes it otherwise")
    layers = [row.layer for row in found.layers]
    assert abs(layers.index(found.wrong.layer) - layers.index(name)) <= 1


def test_another_students_bundle_is_refused(bundles, made):
    with pytest.raises(InputError, match="another student"):
        diff(replace(made, sha256="1" * 64), HERE, None, bundles.of("x86", "fp32"))


def test_what_is_damaged_or_is_not_here_is_one_line(bundles, tmp_path, program):
    inputs = (np.zeros((1, 3, 64, 64), np.float32),)
    broken = bundles.copy("android", "fp32", tmp_path)
    manifest = read_manifest(broken)
    content = bytearray((broken / "model.tflite").read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    (broken / "model.tflite").write_bytes(content)
    write_manifest(manifest, broken)
    with pytest.raises(EdgekitError, match=rf"{broken}") as caught:
        trace_artifact(HERE, broken, inputs, layers_of(program))
    assert "\n" not in str(caught.value)
    with pytest.raises(UnavailableError):
        trace_artifact(HERE, bundles.of("iphone", "fp32"), inputs, [])
