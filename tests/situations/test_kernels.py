"""Kernels of this processor that are wrong are told from files that are wrong.

| situation | command | result before | right value |
|---|---|---|---|
| channel shuffle, x86 int8 with weights of 8 bits, on AVX2 without VNNI | `edgekit verify` | fail, "cause: nothing that is known" | fail, cause `kernel`: ONNX Runtime's, saturating 8-bit products; weights of 7 bits |
| the same file | `edgekit diff student` | no layer is wrong | `kernel`, with the first layer |
| a mean over 96 x 96 positions, Android int8 | `edgekit verify`, `edgekit diff student` | fail, torch -4.84, LiteRT +3.71 | right: taken in two steps |
| the same as one mean, as it was exported before | `edgekit verify` | fail, "cause: nothing that is known" | inconclusive, cause `kernel`: XNNPACK's MEAN; verify on an ARM core, also emulated |
| the same file | `edgekit diff student` | no layer is wrong | `kernel`, MEAN |
"""  # noqa: E501

from pathlib import Path

import numpy as np
import pytest

from edgekit.calibration.scheme import SCHEMES, Scheme
from edgekit.decision import scores
from edgekit.detectors.score import score
from edgekit.devices.runner.machine import environment
from edgekit.devices.runner.sessions.onnxruntime import saturates
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.recipe import Recipe
from edgekit.steps import calibrate, data, detectors
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named
from tests.factory_project import write_project
from tests.small_project import Edgekit

SHUFFLE = """
import torch
from torch import nn


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU())
        nn.init.uniform_(self.stem[0].weight, 0.05, 0.15)  # of one sign: pairs add up
        self.one, self.two = self.branch(), self.branch()
        self.tail = nn.Sequential(nn.Conv2d(32, 32, 3, 2, 1), nn.ReLU())
        self.head = nn.Linear(32, 2)

    def branch(self):
        return nn.Sequential(nn.Conv2d(16, 16, 1), nn.ReLU(), nn.Conv2d(16, 16, 3, 1, 1, groups=16))

    def mixed(self, image, branch):
        left, right = image.chunk(2, 1)
        both = torch.cat([left, branch(right)], 1)
        count, channels, high, wide = both.shape
        return both.view(count, 2, channels // 2, high, wide).transpose(1, 2).flatten(1, 2)

    def forward(self, image):
        mixed = self.mixed(self.mixed(self.stem(image), self.one), self.two)
        return self.head(self.tail(mixed).mean((2, 3)))


def make(end=True):
    return Shuffle()
"""
MEAN = """
from torch import nn


class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.body = nn.Conv2d(3, 8, 3, 1, 1), nn.Conv2d(8, 16, 1)
        self.head = nn.Linear(16, 2)

    def forward(self, image):
        return self.head(self.body(self.stem(image).relu()).relu().mean((2, 3)))


def make(end=True):
    return Wide()
"""
BLURS = {"sharp": 0.0, "blurred": 3.0}
# What edgekit built for x86 before it knew of processors that saturate.
EIGHT_BITS = SCHEMES["onnxruntime_vnni"]
TFLITE = SCHEMES["tflite"]
ONE_MEAN = TFLITE.model_copy(
    update={"rewrites": tuple(name for name in TFLITE.rewrites if name != "large_mean")}
)


def exported(folder: Path, target: str, scheme: Scheme) -> Path:
    """Export a project's bundle with a Scheme, its threshold in the middle of its scores."""
    settings = folder / "edgekit.toml"
    space = Workspace(open_project(folder))
    detector = detectors.student_detector(space)
    samples = data.split(space, "test", detector.signature)
    found = np.sort(scores(score(detector, samples), detector.signature))
    middle = slice(len(found) // 4, -len(found) // 4)
    widest = np.argmax(np.diff(found[middle])) + len(found) // 4
    threshold = float(found[widest : widest + 2].mean())
    settings.write_text(
        settings.read_text().replace("signature = {", f"signature = {{ threshold = {threshold},")
    )
    space = Workspace(open_project(folder))
    recipe = Recipe(precision="int8", scheme=scheme, name="int8")
    bundle = f"build/bundles/{target}-int8"
    student = calibrate.student(space)
    export_bundle(student, target_named(target), "int8", folder / bundle, recipe)
    return Path(bundle)


def test_saturating_kernels_are_named(tmp_path: Path, edgekit: Edgekit) -> None:
    if not saturates():
        pytest.skip("this processor adds 8-bit products exactly: run on x86 without VNNI")
    bundle = exported(write_project(tmp_path, SHUFFLE, BLURS, side=32, steps=80), "x86", EIGHT_BITS)
    verified = edgekit("verify", str(bundle), "--json", cwd=tmp_path)
    assert verified.code == 1, verified.json["decision"]["flips"]
    cause = verified.json["cause"]
    assert (cause["kind"], cause["foreign"]) == ("kernel", False)
    assert "ONNX Runtime's kernels for this processor (x86_64, AVX" in cause["what"]
    assert "without VNNI: its 8-bit products saturate in 16 bits" in cause["what"]
    assert ", first convolution " in cause["what"]
    assert "weights of 7 bits" in cause["advice"]
    compared = edgekit("diff", "student", str(bundle), "--json", cwd=tmp_path)
    assert compared.code == 1
    assert compared.json["wrong"]["kind"] == "kernel"
    assert "saturate in 16 bits" in compared.json["wrong"]["cause"]


def test_a_mean_over_a_large_image_is_right_on_every_core(tmp_path: Path, edgekit: Edgekit) -> None:
    bundle = exported(
        write_project(tmp_path, MEAN, BLURS, side=96, count=12, steps=40), "android", TFLITE
    )
    verified = edgekit("verify", str(bundle), "--json", cwd=tmp_path)
    assert verified.json["verdict"] != "fail"
    assert verified.json["tensor"]["sqnr_db"] > 25
    compared = edgekit("diff", "student", str(bundle), cwd=tmp_path)
    assert compared.code == 0
    assert "no layer is wrong" in compared.out


def test_a_strangers_kernels_say_nothing_of_the_file(tmp_path: Path, edgekit: Edgekit) -> None:
    about = environment()
    if about["machine"] not in ("x86_64", "AMD64") or "AVX512F" in about["instruction_sets"]:
        pytest.skip("XNNPACK's mean is right on this processor: run on x86 without AVX-512")
    bundle = exported(
        write_project(tmp_path, MEAN, BLURS, side=96, count=12, steps=40), "android", ONE_MEAN
    )
    verified = edgekit("verify", str(bundle), "--json", cwd=tmp_path)
    assert verified.code == 4
    assert verified.json["plain"] != "fail"
    cause = verified.json["cause"]
    assert (cause["kind"], cause["foreign"]) == ("kernel", True)
    assert "XNNPACK's kernels for this processor (x86_64) compute it wrong" in cause["what"]
    assert "first MEAN body" in cause["what"]
    assert "--device emulated" in cause["advice"]
    compared = edgekit("diff", "student", str(bundle), cwd=tmp_path)
    assert compared.code == 1
    assert "MEAN body" in compared.out
