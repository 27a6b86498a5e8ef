"""A tiny student that tells sharp photographs from blurred ones: quick to build, real to judge."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch.nn import functional

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.timm import new_student
from edgekit.exporters.student import Student
from edgekit.signature import Preprocessing, Signature, image_input

SIDE = 64
_PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")


def small_student(folder: Path, network: str = "test_resnet", side: int = SIDE) -> Student:
    """Make a network of timm, calibrated: float Program, Ranges and samples.

    Args:
        folder: where its samples go; it must not be there yet.
        network: timm's name of it, by default a tiny residual one.
        side: of its square input, pixels.
    """
    signature = small_signature(side)
    data = open_dataset(write_crops(folder), signature)
    detector = new_student(network, signature)
    learn(detector, data)
    program = float_program(detector)
    return Student(detector, "0" * 64, program, observe(program, data), data)


def small_signature(side: int = SIDE) -> Signature:
    """Return the Signature of small students: square pictures, sharp or blurred."""
    rule = Preprocessing(size=(side, side), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    return Signature(inputs=(image_input(rule),), classes=("sharp", "blurred"), positive="blurred")


def write_crops(folder: Path, count: int = 8, seed: int = 0) -> Path:
    """Write crops of photographs: `count` sharp ones, and as many others that are blurred."""
    random = np.random.default_rng(seed)
    for name in ("sharp", "blurred"):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            crop = _crop(random, index)
            if name == "blurred":
                crop = crop.filter(ImageFilter.GaussianBlur(3))
            crop.save(folder / name / f"{index:03d}.png")
    return folder


def _crop(random: np.random.Generator, index: int) -> Image.Image:
    image = _photograph(_PHOTOGRAPHS[index % len(_PHOTOGRAPHS)])
    top, left = (int(random.integers(edge - SIDE)) for edge in image.shape[:2])
    return Image.fromarray(image[top : top + SIDE, left : left + SIDE])


@cache
def _photograph(name: str) -> NDArray[Any]:
    import skimage.data

    return np.asarray(getattr(skimage.data, name)())


def learn(detector: Detector, data: Dataset, steps: int = 12) -> None:
    """Train on one batch, then let the batch norms average over it: else int8 keeps nothing."""
    (_, arrays), labels = next(data.batches(len(data))), torch.from_numpy(data.labels)
    batch = [torch.from_numpy(array) for array in arrays]
    optimizer = torch.optim.AdamW(detector.model.parameters(), lr=3e-3)
    torch.manual_seed(0)
    detector.model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        functional.cross_entropy(detector.model(*batch), labels).backward()
        optimizer.step()
    for module in detector.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    with torch.no_grad():
        detector.model(*batch)
    detector.model.eval()
