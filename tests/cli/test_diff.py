"""`edgekit diff`."""

import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from edgekit.manifest import read_manifest, write_manifest
from tests.small_project import Edgekit


def test_a_whole_bundle_parts_nowhere_from_its_student(
    done_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("diff", "student", "build/bundles/x86-int8", "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    assert answer.json["wrong"] is None
    assert len(answer.json["layers"]) > 10


def test_the_damaged_layer_is_named(done_project: Path, edgekit: Edgekit) -> None:
    bundle = done_project / "build" / "bundles" / "x86-fp32"
    whole = shutil.copytree(bundle, done_project / "whole")
    model = onnx.load(bundle / "model.onnx")
    node = [node for node in model.graph.node if node.op_type == "Conv"][3]
    weight = next(item for item in model.graph.initializer if item.name == node.input[1])
    values = np.ascontiguousarray(numpy_helper.to_array(weight)[::-1])
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    manifest = read_manifest(bundle)
    onnx.save(model, bundle / "model.onnx")
    write_manifest(manifest, bundle)
    answer = edgekit("diff", str(whole), "build/bundles/x86-fp32", cwd=done_project)
    assert answer.code == 1
    said = f"{weight.name.removesuffix('.weight')} is the first wrong layer"
    assert said in answer.out
    assert "the artifact computes it otherwise" in answer.out


def test_what_is_no_bundle_is_one_line(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("diff", "student", "data", cwd=done_project)
    assert answer.code == 2
    assert "is no bundle" in answer.complaint
