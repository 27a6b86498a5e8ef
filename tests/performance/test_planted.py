"""A layer of one hundredth that somebody adds to a network of 224 pixels: the gate of counts."""

import numpy as np
import pytest
import torch
from PIL import Image

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.timm import new_student
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.student import Student
from edgekit.performance.counted import gate_counts
from edgekit.performance.gate import Gate
from edgekit.performance.settings import BenchSettings
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.target import target_named

SIDE, TIMES = 224, 5
STAGE, WIDTH, CHANNELS = 4, 48, 56  # after the stage with maps of 14 x 14 x 48


class Planted(torch.nn.Module):
    """Two convolutions that change next to nothing and are computed anyway."""

    def __init__(self):
        super().__init__()
        self.there = torch.nn.Conv2d(WIDTH, CHANNELS, 1)
        self.back = torch.nn.Conv2d(CHANNELS, WIDTH, 1)
        torch.nn.init.constant_(self.back.weight, 1e-12)

    def forward(self, features):
        return features + self.back(torch.relu(self.there(features)))


def pictures(folder):
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        pixels = random.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name / "0.png")
    return folder


def exported(folder, data, *planted):
    """An int8 bundle of a MobileNet with random weights: no count depends on them."""
    rule = Preprocessing(size=(SIDE, SIDE), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    torch.manual_seed(0)
    model = new_student("mobilenetv3_small_100", signature).model.eval()
    for layer in planted:
        model.get_submodule("backbone.blocks").insert(STAGE, layer.eval())
    samples = open_dataset(data, signature)
    detector = Detector(model, signature, {})
    program = float_program(detector)
    student = Student(detector, "0" * 64, program, observe(program, samples), samples)
    export_bundle(student, target_named("android"), "int8", folder)
    return folder


@pytest.mark.slow
def test_every_count_finds_one_percent_more_and_passes_what_is_the_same(arm_core, tmp_path):
    core = arm_core()
    data, baseline = pictures(tmp_path / "data"), tmp_path / "baseline.json"
    same = exported(tmp_path / "same", data)
    more = exported(tmp_path / "more", data, Planted())
    gate_counts(same, Gate(baseline=baseline, update=True), BenchSettings(), core)
    changes = {}
    for bundle, verdict in ((same, "pass"), (more, "fail")):
        for _ in range(TIMES):
            result = gate_counts(bundle, Gate(baseline=baseline), BenchSettings(), core)
            (found,) = (each for each in result.gate.figures if each.name == "instructions")
            assert found.verdict == verdict, found
            changes.setdefault(verdict, []).append(found.change)
    assert max(map(abs, changes["pass"])) < 0.001
    assert all(0.008 < change < 0.012 for change in changes["fail"])
    assert max(changes["fail"]) - min(changes["fail"]) < 0.001
