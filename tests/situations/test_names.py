"""Students whose names collide: with each other, with operators, with what bundles call things.

`build(part)` below makes the student that the first column describes.

| situation | command | result before | right value |
|---|---|---|---|
| buffers `t`, `logits`, `relu`, `image` | `edgekit export -t x86` | "Duplicate definition of name (logits)" | bundle, verify passes |
| the same | `edgekit export -t jetson` | "Failed to sort the model topologically" | bundle |
| the same | `edgekit export -t android`, `-t iphone` | bundle | bundle |
| an input called as a buffer, `scale` | `edgekit export -t x86` | bundle or a name twice | bundle, verify passes |
| modules `a.b` and `a_b`, each with a batch norm | `edgekit export -t x86` | one folded bias for both: other logits | bundle, verify passes |
| an input called `logits` | `edgekit export -t iphone` | "is used both as function's input and output" | exit 2, one line about the setting |
"""  # noqa: E501

import json
from pathlib import Path

import pytest

from tests.situations.students import bundle_of, write_project
from tests.small_project import Edgekit

NET = """
import torch
from torch import nn


class Buffers(nn.Module):
    def __init__(self, *names):
        super().__init__()
        self.names = names
        for name in names:
            self.register_buffer(name, torch.rand(1, 3, 1, 1) + 0.5)
        self.conv, self.head = nn.Conv2d(3, 8, 3, 2, 1), nn.Linear(8, 2)

    def forward(self, x):
        for name in self.names:
            x = torch.relu(x) * getattr(self, name) + 0.1
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


def unit(inputs):
    norm = nn.BatchNorm2d(8)
    nn.init.normal_(norm.bias)
    return nn.Sequential(nn.Conv2d(inputs, 8, 3, 2, 1, bias=False), norm, nn.ReLU())


class Alike(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.a_b, self.head = nn.Module(), unit(8), nn.Linear(8, 2)
        self.a.b = unit(3)

    def forward(self, x):
        return self.head(self.a_b(self.a.b(x)).mean((2, 3)))


def build(part):
    torch.manual_seed(0)
    return Alike() if part == "alike" else Buffers(*part.split())
"""
TAKEN = "t logits relu image conv2d"


@pytest.mark.parametrize("target", ["x86", "jetson", "android", "iphone"])
def test_buffers_may_have_any_name(tmp_path: Path, edgekit: Edgekit, target: str) -> None:
    folder = write_project(tmp_path, NET, TAKEN)
    answer = edgekit("export", "-t", target, "--precision", "fp32", "--json", cwd=folder)
    assert bundle_of(answer).is_dir()


@pytest.mark.parametrize(
    ("part", "name"), [(TAKEN, "image"), ("scale", "scale"), ("alike", "image"), ("t", "t")]
)
def test_the_artifact_computes_what_the_student_does(
    tmp_path: Path, edgekit: Edgekit, part: str, name: str
) -> None:
    folder = write_project(tmp_path, NET, part, name)
    answer = edgekit("export", "-t", "x86", "--precision", "fp32", "--json", cwd=folder)
    bundle = bundle_of(answer)
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["golden"]["max_abs"] < 1e-4
    verified = edgekit("verify", str(bundle), "--json", cwd=folder)
    assert verified.code == 0, verified.err


def test_an_input_called_as_the_output_is_refused(tmp_path: Path, edgekit: Edgekit) -> None:
    answer = edgekit("export", "-t", "iphone", cwd=write_project(tmp_path, NET, "scale", "logits"))
    assert answer.code == 2
    assert "an input cannot be called 'logits'" in answer.complaint
