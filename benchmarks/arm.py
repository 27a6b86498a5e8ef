"""Counts of an emulated ARM core beside times that XNNPACK published of the same networks.

python -m benchmarks arm        four MobileNets on four cores, half an hour

The networks have random weights: neither a count nor a time depends on them.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.published import PIXEL, constants
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.quiet import quiet
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.timm import new_student
from edgekit.devices.emulated import Emulated
from edgekit.devices.settings import DeviceSettings
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.student import Student
from edgekit.performance.count import count_bundle
from edgekit.performance.settings import BenchSettings
from edgekit.results.timing import Count
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.target import Precision, target_named

SIDE, CLASSES = 224, 1000
NETWORKS = {
    "MobileNet v1 1.0X": "mobilenetv1_100",
    "MobileNet v2 1.0X": "mobilenetv2_100",
    "MobileNet v3 Large": "mobilenetv3_large_100",
    "MobileNet v3 Small": "mobilenetv3_small_100",
}
CORES = ("cortex-a53", "cortex-a72", "cortex-a76")
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


def measure() -> dict[str, Any]:
    """Return counts and modelled cycles of every network, and how constant their ratio is."""
    with tempfile.TemporaryDirectory(prefix="edgekit-arm-") as folder:
        rows = [row for name in NETWORKS for row in _counted(name, Path(folder))]
    return {"counts": rows, "published": PIXEL, "constants": constants(rows)}


def _counted(name: str, folder: Path) -> list[dict[str, Any]]:
    rows = []
    for precision, bundle in bundles(name, folder).items():
        for core in CORES:
            count = counted(bundle, core)
            rows.append({"network": name, "precision": precision, **count.to_json()})
            print(name, precision, core, f"{count.instructions:,.0f}", count.cycles, flush=True)
    return rows


def counted(bundle: Path, core: str) -> Count:
    """Count a bundle on a core, as qemu names it."""
    device = Emulated("emulated", DeviceSettings(url="emulated", cpu=core))
    return count_bundle(bundle, BenchSettings(), device)


def bundles(name: str, folder: Path) -> dict[Precision, Path]:
    """Export a network for Android, by precision.

    Args:
        name: as XNNPACK's tables have it.
        folder: where the bundles and their pictures go.
    """
    paths: dict[Precision, Path] = {
        precision: folder / f"{NETWORKS[name]}-{precision}" for precision in PRECISIONS
    }
    if not all(path.exists() for path in paths.values()):
        student = _student(NETWORKS[name], folder / "data")
        for precision, path in paths.items():
            with quiet(None):
                export_bundle(student, target_named("android"), precision, path)
    return paths


def _student(model: str, data: Path) -> Student:
    signature, few = _signature(CLASSES), _signature(2)
    torch.manual_seed(0)
    with quiet(None):
        detector = Detector(new_student(model, signature).model.eval(), signature, {})
        samples = open_dataset(_pictures(data, few.classes), few)
        program = float_program(detector)
        return Student(detector, "0" * 64, program, observe(program, samples), samples)


def _signature(classes: int) -> Signature:
    rule = Preprocessing(size=(SIDE, SIDE), mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    names = tuple(f"c{number:04}" for number in range(classes))
    return Signature(inputs=(image_input(rule),), classes=names, positive=names[1])


def _pictures(folder: Path, names: tuple[str, ...]) -> Path:
    random = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(2):
            pixels = random.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder
