"""A project around a model that needs no distillation, with two inputs."""

from pathlib import Path

import numpy as np
import pytest
import skimage
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.small_project import Edgekit

MODEL = '''
import torch
from torch import nn


class Fusion(nn.Module):
    """Judges a colour image and a depth map together."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.colour = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.ReLU())
        self.depth = nn.Sequential(nn.Conv2d(1, width, 3, 2, 1), nn.ReLU())
        self.join = nn.Sequential(nn.Conv2d(2 * width, width, 3, 2, 1), nn.ReLU())
        self.head = nn.Linear(width, 2)

    def forward(self, colour: torch.Tensor, depth: torch.Tensor) -> torch.Tensor:
        both = torch.cat([self.colour(colour), self.depth(depth)], dim=1)
        return self.head(self.join(both).mean((2, 3)))


def build(width: int) -> nn.Module:
    return Fusion(width)
'''
PROJECT = """
[project]
name = "fusion"

[detector]
kind = "factory"
factory = "model.py:build"
arguments = { width = 8 }
checkpoint = "weights.safetensors"

[detector.signature]
classes = ["live", "spoof"]
positive = "spoof"
threshold = 0.5

[[detector.signature.inputs]]
name = "colour"
shape = [1, 3, 32, 32]
preprocessing = { size = [32, 32], resize = "none", mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }

[[detector.signature.inputs]]
name = "depth"
shape = [1, 1, 32, 32]

[data]
calibration = "data/calibration"
test = "data/test"

[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0

[targets.x86]
[targets.android]
[targets.jetson]
[targets.iphone]
accept = "compiled"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    space: dict = {}
    exec(MODEL, space)  # the same code that the project's factory runs
    torch.manual_seed(0)
    save_file(space["build"](8).state_dict(), tmp_path / "weights.safetensors")
    photograph = Image.open(Path(skimage.__file__).parent / "data" / "coffee.png").convert("RGB")
    random = np.random.default_rng(0)
    for split, offset in (("calibration", 0), ("test", 200)):
        for name in ("live", "spoof"):
            folder = tmp_path / "data" / split / name
            folder.mkdir(parents=True)
            for index in range(10):
                left = offset + 20 * index
                photograph.crop((left, 40, left + 32, 72)).save(folder / f"{index}.colour.png")
                depth = random.normal(size=(1, 32, 32)) + (name == "spoof")
                np.save(folder / f"{index}.depth.npy", depth.astype(np.float32))
    return tmp_path


def test_every_target_verifies(project: Path, edgekit: Edgekit) -> None:
    for target, code in (("x86", 0), ("android", 0), ("jetson", 0), ("iphone", 3)):
        exported = edgekit("export", "-t", target, "--json", cwd=project)
        assert exported.code == 0, exported.err
        path = exported.json["bundles"][0]["path"]
        verified = edgekit("verify", path, "--json", cwd=project)
        assert verified.code == code, verified.err
        if code == 0:
            assert verified.json["tensor"]["cosine"] > 0.99


def test_distilling_it_makes_no_sense(project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("distill", cwd=project)
    assert answer.code == 2
    assert "needs no distillation" in answer.complaint


def test_a_sample_that_lacks_an_input_is_named(project: Path, edgekit: Edgekit) -> None:
    (project / "data" / "calibration" / "live" / "3.depth.npy").unlink()
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "sample live/3 lacks input 'depth'" in answer.complaint
