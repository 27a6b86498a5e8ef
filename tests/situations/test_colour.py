"""Grey pictures: `colour = "L"`, one channel, from every kind of Detector to every target.

| situation | command | result before | right value |
|---|---|---|---|
| timm, `colour = "L"` alone | export, verify | the key was not known | four bundles of one channel, verified |
| timm's own mean and std, which are of three channels | export | mean and std need 1 figures | their mean, one figure |
| factory, `preprocessing = { size, colour = "L" }` | calibrate | mean and std need 1 figures | mean 0, std 1 |
| exported, the same | calibrate | mean and std need 1 figures | mean 0, std 1 |
| `mean = 0.5`, a lone number, for three channels and for one | calibrate | Input should be a valid tuple | it counts for every channel |
| `mean = [0.5, 0.5, 0.5]` with `colour = "L"` | calibrate | | one line |
| open_clip with `colour = "L"` | calibrate | the key was not known | one line: a CLIP tower takes three channels |
| a grey teacher | distill | | a student of one channel |
"""  # noqa: E501

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image, ImageFilter
from safetensors.torch import save_file

from edgekit.detectors.registry import open_detector
from edgekit.detectors.timm import new_student
from edgekit.manifest import read_manifest
from edgekit.signature import Preprocessing, Signature, image_input
from tests.small_project import Edgekit

SIDE = 32
TIMM = """
[{table}]
kind = "timm"
model = "test_resnet"
checkpoint = "weights.safetensors"
image_size = 32
colour = "L"
{figures}
classes = ["sharp", "blurred"]
positive = "blurred"
"""
SIGNATURE = """
[detector.signature]
classes = ["sharp", "blurred"]
positive = "blurred"

[[detector.signature.inputs]]
name = "image"
shape = [1, {channels}, 32, 32]
preprocessing = {{ size = [32, 32], {rule} }}
"""
DATA = """
[data]
train = "data/train"
validation = "data/validation"
calibration = "data/calibration"
test = "data/test"

[distill]
epochs = 1
batch_size = 8

[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0

[targets.x86]
"""
FACTORY = """
from torch import nn


def make(channels):
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8, 2),
    )
"""


@pytest.fixture(scope="session")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs in colour, sharp and blurred, and weights of a network with one channel."""
    folder = tmp_path_factory.mktemp("grey")
    rule = Preprocessing(size=(SIDE, SIDE), colour="L")
    signature = Signature(
        inputs=(image_input(rule),), classes=("sharp", "blurred"), positive="blurred"
    )
    torch.manual_seed(0)
    weights = new_student("test_resnet", signature).model.state_dict()
    named = {name: tensor.contiguous() for name, tensor in weights.items()}
    save_file(named, folder / "weights.safetensors")
    (folder / "model.py").write_text(FACTORY)
    image = Image.fromarray(skimage.data.coffee())
    for place, split in enumerate(("train", "validation", "calibration", "test")):
        for name in ("sharp", "blurred"):
            (folder / "data" / split / name).mkdir(parents=True)
            for index in range(8):
                left, top = 40 * index, 80 * place
                crop = image.crop((left, top, left + 48, top + 48))
                crop = crop.filter(ImageFilter.GaussianBlur(2)) if name == "blurred" else crop
                crop.save(folder / "data" / split / name / f"{index}.png")
    return folder


@pytest.fixture
def project(grey: Path, tmp_path: Path) -> Path:
    return shutil.copytree(grey, tmp_path / "project")


def write(project: Path, *tables: str) -> None:
    (project / "edgekit.toml").write_text("\n".join(('[project]\nname = "grey"', *tables, DATA)))


@pytest.mark.slow
def test_one_key_makes_bundles_of_one_channel_for_every_target(
    project: Path, edgekit: Edgekit
) -> None:
    write(project, TIMM.format(table="detector", figures=""))
    for target, code in (("x86", 0), ("android", 0), ("jetson", 0), ("iphone", 3)):
        exported = edgekit("export", "-t", target, "--json", cwd=project)
        assert exported.code == 0, exported.err
        bundle = project / exported.json["bundles"][0]["path"]
        (spec,) = read_manifest(bundle).signature.inputs
        assert spec.shape == (1, 1, SIDE, SIDE)
        golden = np.load(bundle / "golden" / "inputs" / "image.npy")
        assert golden.shape[1:] == (1, SIDE, SIDE)
        verified = edgekit("verify", str(bundle), "--json", cwd=project)
        assert verified.code == code, verified.err
        if code == 0:
            assert (
                verified.json["tensor"]["cosine"] > 0.95
            )  # int8 of a network that learned nothing
    assert spec.preprocessing is not None
    assert len(spec.preprocessing.mean) == len(spec.preprocessing.std) == 1


def test_figures_of_three_channels_become_their_mean(grey: Path) -> None:
    from edgekit.detectors.registry import load_detector

    table = {
        "kind": "timm", "model": "mobilenetv3_small_050", "image_size": SIDE, "colour": "L",
        "classes": ["sharp", "blurred"], "positive": "blurred",
    }  # fmt: skip
    (spec,) = load_detector(table, grey, "[detector]").signature.inputs
    assert spec.preprocessing is not None
    assert spec.preprocessing.mean == pytest.approx(((0.485 + 0.456 + 0.406) / 3,))
    assert spec.preprocessing.std == pytest.approx(((0.229 + 0.224 + 0.225) / 3,))


@pytest.mark.parametrize(
    ("channels", "rule"),
    [
        (1, 'colour = "L"'),
        (1, 'colour = "L", mean = 0.5, std = 0.25'),
        (3, "mean = 0.5, std = 0.25"),
        (3, 'colour = "BGR", scale = 1.0'),
    ],
)
@pytest.mark.parametrize("kind", ["factory", "exported"])
def test_one_figure_or_none_counts_for_every_channel(
    project: Path, edgekit: Edgekit, kind: str, channels: int, rule: str
) -> None:
    space: dict = {}
    exec(FACTORY, space)  # the same code that the project's factory runs
    torch.manual_seed(0)
    model = space["make"](channels).eval()
    if kind == "exported":
        example = (torch.zeros(1, channels, SIDE, SIDE),)
        torch.export.save(torch.export.export(model, example), project / "model.pt2")
        table = '[detector]\nkind = "exported"\nprogram = "model.pt2"'
    else:
        save_file(model.state_dict(), project / "model.safetensors")
        table = (
            '[detector]\nkind = "factory"\nfactory = "model.py:make"\n'
            f'arguments = {{ channels = {channels} }}\ncheckpoint = "model.safetensors"'
        )
    write(project, table, SIGNATURE.format(channels=channels, rule=rule))
    answer = edgekit("calibrate", "--json", cwd=project)
    assert answer.code == 0, answer.err
    assert answer.json["samples"] == 16


def test_three_figures_for_one_channel_are_refused(project: Path, edgekit: Edgekit) -> None:
    write(project, TIMM.format(table="detector", figures="mean = [0.5, 0.5, 0.5]"))
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "mean and std need 1 figures for L" in answer.complaint


def test_a_clip_tower_takes_no_grey(fresh_project: Path, tmp_path: Path, edgekit: Edgekit) -> None:
    project = shutil.copytree(fresh_project, tmp_path / "clip")
    path = project / "edgekit.toml"
    path.write_text(
        path.read_text().replace('model = "teacher"', 'model = "teacher"\ncolour = "L"')
    )
    answer = edgekit("distill", cwd=project)
    assert answer.code == 2
    assert "a CLIP tower takes three" in answer.complaint


def test_a_grey_teacher_teaches_a_grey_student(project: Path, edgekit: Edgekit) -> None:
    student = '[student]\nmodel = "test_resnet"'
    write(project, TIMM.format(table="teacher", figures=""), student)
    answer = edgekit("distill", cwd=project)
    assert answer.code == 0, answer.err
    detector = open_detector(project / "build" / "student")
    assert detector.signature.inputs[0].shape == (1, 1, SIDE, SIDE)
    written = json.loads((project / "build" / "student" / "detector.json").read_text())
    assert written["architecture"]["options"]["in_chans"] == 1
