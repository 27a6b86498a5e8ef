"""A small bundle, and others that take a known share longer: the network with one more block."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import nn

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.quiet import quiet
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.timm import new_student
from edgekit.devices.device import device_named
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.student import Student
from edgekit.performance.count import count_bundle
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import take
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.target import Precision, target_named

SIDE = 96
MODEL = "mobilenetv4_conv_small_050"
TARGET = "android"
STAGE, WIDTH = 2, 32  # after the second stage, whose maps have so many channels
FEW, MANY = 16, 160  # channels of the block between which the right number is looked for
PAIRS = 24


class _Block(nn.Module):
    """A residual block that changes next to nothing and is computed anyway.

    No optimizer can leave it out, and no decision changes.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.widen, self.narrow = nn.Conv2d(width, channels, 1), nn.Conv2d(channels, width, 1)
        nn.init.constant_(self.narrow.weight, 1e-12)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + torch.as_tensor(self.narrow(torch.relu(self.widen(features))))


def small_bundle(path: Path, channels: int = 0, precision: Precision = "fp32") -> Path:
    """Export a small network with random weights, unless it is there.

    Args:
        path: the bundle's folder; pictures are made beside it.
        channels: of the block that is put into the network; 0 for none.
        precision: of the artifact.
    """
    if path.exists():
        return path
    rule = Preprocessing(size=(SIDE, SIDE), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    torch.manual_seed(0)
    with quiet(None):
        model = new_student(MODEL, signature).model.eval()
        if channels:
            blocks = model.get_submodule("backbone.blocks")
            cast(nn.Sequential, blocks).insert(STAGE, _Block(WIDTH, channels).eval())
        data = open_dataset(_noise(path.parent / "data"), signature)
        detector = Detector(model, signature, {})
        program = float_program(detector)
        student = Student(detector, "0" * 64, program, observe(program, data), data)
        export_bundle(student, target_named(TARGET), precision, path)
    return path


def _noise(folder: Path) -> Path:
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(4):
            pixels = random.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def by_time(original: Path, path: Path, ratio: float, settings: BenchSettings) -> Path:
    """Return a bundle that takes `ratio` times as long as the original, made unless it is there."""

    def measured(trial: Path) -> float:
        fixed = settings.model_copy(update={"pairs": PAIRS, "max_pairs": PAIRS})
        found = take(device_named("local"), trial, original, fixed).ratio
        assert found is not None
        return found.value

    return _sized(path, ratio, measured, "fp32")


def by_instructions(original: Path, path: Path, ratio: float, settings: BenchSettings) -> Path:
    """Return an int8 bundle with `ratio` times the instructions, made unless it is there."""

    def measured(trial: Path) -> float:
        counts = [count_bundle(bundle, settings).instructions for bundle in (trial, original)]
        return float(counts[0] / counts[1])

    return _sized(path, ratio, measured, "int8", few=1, many=32)


def _sized(
    path: Path,
    ratio: float,
    measured: Callable[[Path], float],
    precision: Precision,
    few: int = FEW,
    many: int = MANY,
) -> Path:
    """Find the number of channels: what the block takes grows with it in a straight line."""
    if path.exists():
        return path
    ratios = []
    for count in (few, many):
        trial = path.with_name(f"{path.name}-{count}")
        ratios.append(measured(small_bundle(trial, count, precision)))
        shutil.rmtree(trial)
    slope = (ratios[1] - ratios[0]) / (many - few)
    channels = max(1, round(few + (ratio - ratios[0]) / slope))
    return small_bundle(path, channels, precision)
