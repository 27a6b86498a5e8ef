"""A face anti-spoofing network of the kind that people download, on all four targets.

Depthwise convolutions, PReLU, 80 x 80 BGR pixels from 0 to 255, three classes; its weights are trained
on the sample data (`face/train.py`), and it is judged on 540 images of photographs that it never saw.

| situation | command | result before | right value |
|---|---|---|---|
| x86 int8, class flips | `edgekit verify` | ONNX Runtime's products saturate without VNNI | 1% at most |
| android int8, class flips | `edgekit verify` | only decisions at the threshold were judged | 1% at most |
| jetson int8, class flips | `edgekit verify` | changed its class on 35 of 160 crops by ONNX Runtime, 8 by the graph | 1% at most |
| iphone int8, class flips | `edgekit verify` | nothing executes it here | the Program with its pairs: 1% at most |
"""  # noqa: E501

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.detectors.detector import Detector
from edgekit.detectors.score import score
from edgekit.sample.dataset import make_dataset
from tests.situations.face.network import CLASSES, SIDE
from tests.situations.face.train import arrange

pytestmark = pytest.mark.slow
CROPS = {"train": 0, "calibration": 24, "validation": 0, "test": 120}
RULE = f"""{{ size = [{SIDE}, {SIDE}], resize = "none", colour = "BGR", scale = 1.0, \
mean = [0, 0, 0], std = [1, 1, 1] }}"""
PROJECT = f"""
[project]
name = "face"

[detector]
kind = "factory"
factory = "tests.situations.face.network:make"

[detector.signature]
classes = {json.dumps(CLASSES)}
positive = "real"

[[detector.signature.inputs]]
name = "image"
shape = [1, 3, {SIDE}, {SIDE}]
preprocessing = {RULE}

[data]
calibration = "data/calibration"
test = "data/test"

[budget]
auc = 0.01
flips = 0.03
class_flips = 0.03

[targets.jetson]
[targets.iphone]
accept = "compiled"
[targets.android]
[targets.x86]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory, fresh_edgekit):
    """The project after its bundles are built."""
    folder = tmp_path_factory.mktemp("face")
    make_dataset(folder / "sample", crops=CROPS)
    for split in ("calibration", "test"):
        arrange(folder / "sample" / split, folder / "data" / split)
    (folder / "edgekit.toml").write_text(PROJECT)
    (folder / "tests").symlink_to(Path(__file__).parents[1], target_is_directory=True)
    answer = fresh_edgekit("export", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    assert [row["target"] for row in answer.json["bundles"]] == [
        "jetson",
        "iphone",
        "android",
        "x86",
    ]
    return folder


@pytest.mark.parametrize("target", ["jetson", "android", "x86"])
def test_int8_changes_the_class_of_one_in_a_hundred_at_most(project, target, fresh_edgekit):
    answer = fresh_edgekit("verify", f"build/bundles/{target}-int8", "--json", cwd=project)
    changed = answer.json["classes"]["changed"]
    assert changed["rate"] <= 0.01
    assert answer.json["decision"]["class_flips"]["rate"] == changed["rate"]
    assert answer.json["verdict"] == "pass", answer.json["failures"]


def test_so_does_the_program_that_core_ml_is_built_from(project):
    from edgekit.calibration.observe import observe
    from edgekit.calibration.program import float_program
    from edgekit.steps import data, detectors
    from edgekit.steps.project import open_project
    from edgekit.steps.workspace import Workspace

    space = Workspace(open_project(project))
    student = detectors.student_detector(space)
    test = data.split(space, "test", student.signature)
    program = float_program(student)
    ranges = observe(program, data.split(space, "calibration", student.signature))
    quantized = quantize(program, ranges, SCHEMES["coreml"])
    built = Detector(quantized.module(check_guards=False), student.signature, {})
    got = np.concatenate([built.logits(test.read(sample)) for sample in test.samples])
    assert np.mean(got.argmax(axis=1) != score(student, test).argmax(axis=1)) <= 0.01
