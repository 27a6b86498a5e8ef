"""More than two classes are judged as what they are: which class an image gets, not only its score.

| situation | command | result before | right value |
|---|---|---|---|
| an artifact of three classes gives many images another class, its scores stay | `edgekit verify` | pass, "flips 0" | fail: class flips, recall of each class, where the images went |
| the same with a wide budget, `class_flips = 1.0` | `edgekit verify` | unknown key | pass, the figures are printed all the same |
| the artifact as it was exported | `edgekit verify` | pass | pass: 0 class flips |
| a detector of two classes | `edgekit verify` | flips alone | flips alone |
"""  # noqa: E501

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from edgekit.manifest import read_manifest, write_manifest
from tests.factory_project import BUDGET, write_project
from tests.small_project import Edgekit

CODE = """
from torch import nn


def make(end=True):
    layers = [nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, COLUMNS))
"""
THREE = {"sharp": 0.0, "soft": 1.0, "blurred": 4.0}
TWO = {"sharp": 0.0, "blurred": 4.0}
BUNDLE = "build/bundles/x86-fp32"


def exported(folder: Path, blurs: dict, edgekit: Edgekit) -> Path:
    code = CODE.replace("COLUMNS", str(len(blurs)))
    budget = {**BUDGET, "flips": 1.0, "class_flips": 0.05}
    project = write_project(folder, code, blurs, side=32, count=24, budget=budget)
    answer = edgekit("export", "-t", "x86", "--precision", "fp32", cwd=project)
    assert answer.code == 0, answer.err
    return project


def move_classes(project: Path) -> None:
    """Move the logits of the two classes that are not positive against each other.

    Their exponentials keep their sum where it matters little: the score hardly moves.
    """
    bundle = project / BUNDLE
    manifest, model = read_manifest(bundle), onnx.load(bundle / "model.onnx")
    head = next(node for node in reversed(model.graph.node) if node.op_type == "Gemm")
    bias = next(item for item in model.graph.initializer if item.name == head.input[2])
    moved = numpy_helper.to_array(bias) + np.array([0.5, -0.5, 0.0], np.float32)
    bias.CopyFrom(numpy_helper.from_array(moved, bias.name))
    onnx.save(model, bundle / "model.onnx")
    write_manifest(manifest, bundle)


def test_classes_that_change_are_printed_and_judged(tmp_path: Path, edgekit: Edgekit) -> None:
    project = exported(tmp_path, THREE, edgekit)
    whole = edgekit("verify", BUNDLE, "--json", cwd=project).json
    assert (whole["decision"]["class_flips"]["count"], whole["classes"]["confusion"]) == (0, [])
    assert whole["verdict"] != "fail"
    move_classes(project)
    answer = edgekit("verify", BUNDLE, "--json", cwd=project)
    found, classes = answer.json, answer.json["classes"]
    flips = found["decision"]["class_flips"]
    assert answer.code == 1
    assert flips["count"] > 10 > found["decision"]["flips"]["count"]
    assert sum(each["count"] for each in classes["confusion"]) == flips["count"]
    assert all(each["from"] == "soft" or each["to"] == "sharp" for each in classes["confusion"])
    changed = sum(each["changed"] for each in classes["by_class"].values())
    assert changed == flips["count"]
    settings = project / "edgekit.toml"
    settings.write_text(settings.read_text().replace("class_flips = 0.05", "class_flips = 1.0"))
    wide = edgekit("verify", BUNDLE, cwd=project)
    assert wide.code == 0
    assert f"class flips {flips['count']} ({flips['rate']:.2%}" in wide.out
    assert "soft: recall" in wide.out
    assert "images that change: " in wide.out


def test_two_classes_have_flips_alone(tmp_path: Path, edgekit: Edgekit) -> None:
    project = exported(tmp_path, TWO, edgekit)
    found = edgekit("verify", BUNDLE, "--json", cwd=project)
    assert found.json["classes"] is None
    assert "class_flips" not in found.json["decision"]
    assert "class flips" not in edgekit("verify", BUNDLE, cwd=project).out
