"""Counts of an emulated ARM core beside times that XNNPACK published of the same networks.

The networks have random weights: neither a count nor a time depends on them. What was counted is
noted core by core, so that a run which was killed carries on.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.models import get_model

from benchmarks.compare.table import between, grid
from benchmarks.published import constants, ratios
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
from edgekit.files import write_json, write_whole
from edgekit.machine import machine
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
# Of these, int8 beside fp32 was published for one board alone.
PAIRED = {"ResNet-18": "resnet18", "GoogLeNet": "googlenet", "SqueezeNet 1.0": "squeezenet1_0"}
CORES = ("cortex-a53", "cortex-a72", "cortex-a76")
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


ROOT = Path(__file__).parents[1]
RECORD = Path(__file__).with_name("arm.json")
DOCUMENT = ROOT / "docs" / "latency.md"


def main(arguments: Sequence[str]) -> None:
    """Make the bundles, count them, write the record and the document's tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks arm", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks" / "arm")
    build: Path = parser.parse_args(arguments).build
    asked = [(core, name) for core in CORES for name in NETWORKS]
    asked += [(CORES[-1], name) for name in PAIRED]
    rows = [_noted(name, precision, core, build)
            for core, name in asked for precision in PRECISIONS]  # fmt: skip
    record = {
        "machine": machine().to_json(),
        "counts": rows,
        "constants": constants(rows),
        "ratios": ratios(rows),
    }
    write_json(RECORD, record)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "arm", table(record))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(record))


def _noted(name: str, precision: Precision, core: str, build: Path) -> dict[str, Any]:
    """Count, unless that was noted before."""
    notes = build / f"{(NETWORKS | PAIRED)[name]}-{precision}-{core}.json"
    if not notes.exists():
        count = counted(bundles(name, build)[precision], core)
        write_json(notes, {"network": name, "precision": precision, **count.to_json()})
    found: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
    return found


def table(record: dict[str, Any]) -> str:
    """Write counts, their constants and the ratios of precisions as Markdown."""
    return "\n\n".join(
        (_counts(record["counts"]), _constants(record["constants"]), _ratios(record["ratios"]))
    )


def _counts(rows: list[dict[str, Any]]) -> str:
    cells = [
        (row["network"], row["precision"], row["core"], _millions(row["instructions"]),
         _millions(row["classes"]["dot"]), _millions(row.get("cycles")))
        for row in rows
    ]  # fmt: skip
    head = ("network", "precision", "core", "instructions", "dot products", "modelled cycles")
    return grid(head, cells, (0, 1, 2))


def _millions(value: float | None) -> str:
    return "" if value is None else f"{value / 1e6:.1f} M"


def _constants(rows: list[dict[str, Any]]) -> str:
    cells = [
        (row["phone"], row["core"], row["figure"],
         *(f"{row['of_mean'][name]:.2f}" for name in NETWORKS), f"{row['farthest']:.1%}")
        for row in rows
    ]  # fmt: skip
    head = ("times of", "counted on", "figure", *NETWORKS, "farthest")
    return grid(head, cells, (0, 1, 2))


def _ratios(rows: list[dict[str, Any]]) -> str:
    cells = [
        (
            row["network"],
            row["board"],
            *(f"{row[key]:.2f}" for key in ("published", "instructions", "cycles")),
            f"{row['apart']:+.0%}",
        )
        for row in rows
    ]
    head = ("int8 over fp32", "board", "published", "instructions", "modelled cycles", "apart")
    return grid(head, cells, (0, 1))


def counted(bundle: Path, core: str) -> Count:
    """Count a bundle on a core, as qemu names it."""
    return count_bundle(bundle, BenchSettings(), emulated(core))


def emulated(core: str) -> Emulated:
    """Return a core, as qemu names it, as a Device."""
    return Emulated("emulated", DeviceSettings(url="emulated", cpu=core))


def bundles(name: str, folder: Path) -> dict[Precision, Path]:
    """Export a network for Android, by precision.

    Args:
        name: as XNNPACK's tables have it.
        folder: where the bundles and their pictures go.
    """
    paths: dict[Precision, Path] = {
        precision: folder / f"{(NETWORKS | PAIRED)[name]}-{precision}" for precision in PRECISIONS
    }
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        student = _student((NETWORKS | PAIRED)[name], folder / "data")
        for precision, path in paths.items():
            with quiet(None):
                export_bundle(student, target_named("android"), precision, path)
    return paths


def _student(model: str, data: Path) -> Student:
    signature, few = _signature(CLASSES), _signature(2)
    torch.manual_seed(0)
    with quiet(None):
        detector = Detector(_network(model, signature).eval(), signature, {})
        samples = open_dataset(_pictures(data, few.classes), few)
        program = float_program(detector)
        return Student(detector, "0" * 64, program, observe(program, samples), samples)


def _network(model: str, signature: Signature) -> torch.nn.Module:
    """Return a network of timm's, or one that only torchvision has."""
    if model not in ("googlenet", "squeezenet1_0"):
        return new_student(model, signature).model
    settings = {"aux_logits": False, "init_weights": True} if model == "googlenet" else {}
    found: torch.nn.Module = get_model(model, num_classes=CLASSES, **settings)
    return found


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
