"""Students with operators that a target lacks, and with what only looks like one.

`NET` below is a student whose module `neck.part` has what the first column says.

| situation | command | result before | right value |
|---|---|---|---|
| a custom operator | `edgekit export -t x86 --precision fp32` | several lines with colour codes, "This is step 3/3 of exporting the model" | exit 2, one line: `mine::turn in neck.part` |
| the same for Core ML | `edgekit export -t iphone --precision fp32` | no module | exit 2, one line: `mine::turn in neck.part` |
| an LSTM for Core ML | `edgekit export -t iphone --precision fp32` | no module | exit 2, one line: `lstm in neck.part.memory` |
| `if x.mean() > 0` | `edgekit export -t x86 --precision fp32` | no module, no line | exit 2, one line: `neck.part (model.py, line N: if x.mean() > 0:)` |
| grid_sample | `edgekit export -t x86 --precision fp32` | bundle | bundle |
| complex rotary embedding | `edgekit export -t x86 --precision fp32` | traceback: "must have a last dimension with stride 1" | bundle |
| positional embedding resized by a constant | `edgekit export -t x86 --precision fp32` | the device resizes it for every image | bundle without a Resize |
| weight normalization | `edgekit export -t x86 --precision int8` | the layer stays float: its weight is computed | bundle, the layer in int8 |
| a sigmoid behind the head | `edgekit export -t x86 --precision int8` | the head in int8 | bundle, the head in fp32 |
| EdgeNeXt's block | `edgekit export -t android --precision int8` | "Attempting to broadcast a dimension" | bundle |
"""  # noqa: E501

from pathlib import Path

import onnx
import pytest

from edgekit.manifest import read_manifest
from tests.situations.students import bundle_of, write_project
from tests.small_project import Answer, Edgekit

NET = """
import torch
from torch import nn
from torch.nn import functional


@torch.library.custom_op("mine::turn", mutates_args=())
def turn(x: torch.Tensor) -> torch.Tensor:
    return x.flip(2).clone()


@turn.register_fake
def _(x):
    return torch.empty_like(x)


class Custom(nn.Module):
    def forward(self, x):
        return turn(x)


class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(8, 8, batch_first=True)

    def forward(self, x):
        return self.memory(x.mean(3).transpose(1, 2))[0].transpose(1, 2)[..., None]


class Branch(nn.Module):
    def forward(self, x):
        if x.mean() > 0:
            return x
        return 2 * x


class Grid(nn.Module):
    def forward(self, x):
        grid = functional.affine_grid(torch.tensor([[[1.0, 0.1, 0], [0, 1, 0]]]), x.shape)
        return functional.grid_sample(x, grid)


class Rotary(nn.Module):
    def forward(self, x):
        pairs = x.flatten(2).transpose(1, 2).reshape(1, 256, 4, 2).contiguous()
        angles = torch.arange(256.0)[:, None] * torch.tensor([1, 0.1, 0.01, 0.001])
        turned = torch.view_as_complex(pairs) * torch.polar(torch.ones(256, 4), angles)
        return torch.view_as_real(turned).flatten(2).transpose(1, 2)[..., None]


class Position(nn.Module):
    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.randn(1, 8, 7, 7))

    def forward(self, x):
        return x + functional.interpolate(self.position, x.shape[2:], mode="bicubic")


class Permuted(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix, self.norm = nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.LayerNorm(8)
        self.wide, self.narrow = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x):
        seen = self.norm(self.mix(x).permute(0, 2, 3, 1))
        return x + self.narrow(functional.gelu(self.wide(seen))).permute(0, 3, 1, 2)


class Net(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 3, 2, 1), nn.Linear(8, 2)
        self.neck = nn.Sequential()
        self.neck.add_module("part", part)

    def forward(self, x):
        return self.head(self.neck(torch.relu(self.stem(x))).mean((2, 3)))


def build(part):
    torch.manual_seed(0)
    if part == "weight_norm":
        return Net(nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 8, 3)))
    if part == "sigmoid":
        return nn.Sequential(Net(nn.ReLU()), nn.Sigmoid())
    return Net(globals()[part]())
"""


@pytest.fixture
def export(tmp_path: Path, edgekit: Edgekit):
    """Export a student with that part, as a user does."""

    def run(part: str, target: str, precision: str) -> Answer:
        folder = write_project(tmp_path, NET, part)
        return edgekit("export", "-t", target, "--precision", precision, "--json", cwd=folder)

    return run


def layers(answer: Answer) -> dict[str, str]:
    return read_manifest(bundle_of(answer)).layers


REFUSED = [
    ("Custom", "x86", "mine::turn in neck.part"),
    ("Custom", "iphone", "mine::turn in neck.part"),
    ("Memory", "iphone", "lstm in neck.part.memory"),
]


@pytest.mark.parametrize(("part", "target", "place"), REFUSED)
def test_what_a_target_lacks_is_named_with_its_module(export, part, target, place):
    answer = export(part, target, "fp32")
    assert answer.code == 2
    assert f"of target {target} refuses {place} in fp32: " in answer.complaint
    assert "Replace it in the student" in answer.complaint
    assert "\x1b" not in answer.complaint
    assert len(answer.complaint) < 400


def test_control_flow_is_named_with_its_line(export):
    answer = export("Branch", "x86", "fp32")
    assert answer.code == 2
    assert "in neck.part (model.py, line " in answer.complaint
    assert "if x.mean() > 0:" in answer.complaint


@pytest.mark.parametrize("part", ["Grid", "Rotary"])
def test_what_only_looks_difficult_is_built(export, part):
    assert bundle_of(export(part, "x86", "fp32")).is_dir()


def test_a_resized_positional_embedding_is_a_constant(export):
    model = onnx.load(bundle_of(export("Position", "x86", "fp32")) / "model.onnx")
    assert "Resize" not in {node.op_type for node in model.graph.node}


def test_a_normalized_weight_is_quantized(export):
    assert layers(export("weight_norm", "x86", "int8"))["neck.part"] == "int8"


def test_the_head_before_a_sigmoid_is_float(export):
    found = layers(export("sigmoid", "x86", "int8"))
    assert (found["0.stem"], found["0.head"]) == ("int8", "fp32")


def test_a_block_that_permutes_is_built_for_android(export):
    assert "int8" in layers(export("Permuted", "android", "int8")).values()
