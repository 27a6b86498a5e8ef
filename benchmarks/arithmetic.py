"""Whether int8 artifacts compute what their graphs say: `python -m benchmarks arithmetic`.

python -m benchmarks arithmetic                      on this processor
python -m benchmarks as avx2 .venv/bin/python -m benchmarks arithmetic

The first call trains each network for a moment, so that its activations are no noise, and builds
an int8 ONNX file of target x86 and an int8 TFLite file of target android; calls on other processors
run those same files. Remove build/benchmarks/arithmetic to build anew. Of each file: decibels of
signal to noise against the float network, by the graph and by the runtime on this processor. The
graph of ONNX is the reference interpreter's, whose logits come out equal bit for bit on every
processor; that of TFLite is the Program with its pairs.
Adds to benchmarks/arithmetic.json and docs/benchmarks.md.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.compare.table import between, grid
from benchmarks.pictures import read_pictures
from benchmarks.recipe import Recipe, Stage
from benchmarks.students import STUDENTS, Student, new_detector
from benchmarks.task import make_task
from benchmarks.training import train
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.quiet import quiet
from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors.detector import Detector
from edgekit.devices.reference import Reference
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.errors import EdgekitError
from edgekit.exporters.bundle import build_artifact
from edgekit.exporters.recipe import default_recipe, lower
from edgekit.exporters.student import Student as Exported
from edgekit.files import read_json, whole_folder, write_json, write_whole
from edgekit.machine import machine
from edgekit.runtimes import runtime_named
from edgekit.target import Target, target_named
from edgekit.verification.tensors import sqnr

BUILD = Path("build/benchmarks/arithmetic")
RECORD = Path(__file__).with_name("arithmetic.json")
DOCUMENT = Path("docs/benchmarks.md")
TARGETS = ("x86", "android")
# Small ones of the kinds that people put on phones, beside the benchmark's students.
SMALL = (
    "convnext_atto", "edgenext_xx_small", "efficientnet_lite0",
    "ghostnet_050", "hardcorenas_a", "lcnet_050", "mixnet_s", "mnasnet_small",
    "mobilenetv3_small_050", "mobileone_s0", "regnetx_002", "resnet10t", "tinynet_e",
)  # fmt: skip
PICTURES = 16
REFUSED = "refused.txt"
# No more than what takes an untrained network's noise away.
BRIEF = Recipe((Stage(64, 30, 12), Stage(128, 4, 8)), rate=1e-3)
PAIRS = {"test": 8, "heldout": 2, "calibration": 16, "validation": 2, "train": 40}

Logits = NDArray[np.float32]
Row = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    """Build what is not there yet, run it on this processor, add to the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks arithmetic", description=__doc__)
    parser.add_argument("--network", nargs="+", default=(*STUDENTS, *SMALL), metavar="NAME")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    make_task(BUILD / "data", pairs=PAIRS)
    record = read_json(RECORD) if RECORD.exists() else {"networks": {}}
    for name in options.network:
        with quiet(None):
            folder = built(name)
            for target in TARGETS:
                add(record["networks"], name, target, measured(folder, target_named(target)))
        write_json(RECORD, record)
        sys.stdout.write(table({"networks": {name: record["networks"][name]}}))
    text = between(DOCUMENT.read_text(encoding="utf-8"), "arithmetic", table(record))
    write_whole(DOCUMENT, text.encode())


def add(networks: dict[str, Any], name: str, target: str, row: Row) -> None:
    """Add a row to those of the same file on other processors; another file begins anew."""
    before = networks.setdefault(name, {}).get(target, {})
    if "error" not in row and row["sha256"] == before.get("sha256"):
        row["executed"] = before["executed"] | row["executed"]
    networks[name][target] = row


def measured(folder: Path, target: Target) -> Row:
    """Return an artifact's hash and its decibels, by the graph and on this processor."""
    place = folder / target.name
    if (place / REFUSED).exists():
        return {"error": (place / REFUSED).read_text(encoding="utf-8")}
    wanted, rows = np.load(folder / "float.npy"), np.load(folder / "rows.npy")
    artifact = next(place.glob("model.*"))
    session = SESSIONS[target.runner](str(artifact), ["image"], 1, False)
    got = np.concatenate([session.run([row[None]]) for row in rows])
    meant, digest = graph(artifact, rows)
    return {
        "sha256": hashlib.sha256(artifact.read_bytes()).hexdigest(),
        "graph_db": sqnr(wanted, meant),
        "executed": {machine().processor: {"db": sqnr(wanted, got), "reference": digest}},
    }


def graph(artifact: Path, rows: Logits) -> tuple[Logits, str | None]:
    """Return what the graph says, and for an interpreted one the hash of its logits."""
    if artifact.suffix != ".onnx":
        return np.load(artifact.with_name("program.npy")), None
    session = Reference(str(artifact), ["image"], 1)
    meant = np.concatenate([session.run([row[None]]) for row in rows])
    return meant, hashlib.sha256(meant.tobytes()).hexdigest()


def built(name: str) -> Path:
    """Return the folder of a network's artifacts, pictures and logits; make what is not there."""
    place = BUILD / name
    if not place.is_dir():
        student = brief(name)
        rows = pictures(open_split("test", student.detector))
        with whole_folder(place) as work:
            np.save(work / "rows.npy", rows)
            np.save(work / "float.npy", student.detector.logits((rows,)))
            for target in TARGETS:
                build(student, target_named(target), rows, work / target)
    return place


def build(student: Exported, target: Target, rows: Logits, place: Path) -> None:
    """Write an artifact and what its Program says, or why the target refuses the network."""
    place.mkdir()
    try:
        recipe = default_recipe(target, "int8")
        program = lower(student, recipe, runtime_named(target.runtime).folded)
        build_artifact(program, target, recipe, place)
    except EdgekitError as error:
        (place / REFUSED).write_text(error.what, encoding="utf-8")
        return
    planned = Detector(program.module(check_guards=False), student.detector.signature, {})
    np.save(place / "program.npy", planned.logits((rows,)))


def brief(name: str) -> Exported:
    """Return a network after a moment of training, calibrated."""
    size = STUDENTS[name].size if name in STUDENTS else 224
    detector = new_detector(Student(name, size, BRIEF))
    train(detector, BRIEF, read_pictures(BUILD / "data/train"))
    data, program = open_split("calibration", detector), float_program(detector)
    return Exported(detector, "0" * 64, program, observe(program, data), data)


def open_split(split: str, detector: Detector) -> Dataset:
    """Open pictures of the task."""
    return open_dataset(BUILD / "data" / split, detector.signature)


def pictures(data: Dataset) -> Logits:
    """Return the first pictures as the network takes them."""
    return np.concatenate([data.read(sample)[0] for sample in data.samples[:PICTURES]])


def table(record: dict[str, Any]) -> str:
    """Write the record as Markdown: a column for each processor that any file ran on."""
    rows = [row for found in record["networks"].values() for row in found.values()]
    processors = list(dict.fromkeys(name for row in rows for name in row.get("executed", {})))
    columns = ("network", "target", "graph, dB", *processors, "reference")
    return grid(columns, list(_lines(record["networks"], processors)), words=(0, 1, len(columns)))


def _lines(networks: dict[str, Any], processors: Sequence[str]) -> Iterator[list[str]]:
    for name, found in networks.items():
        for target, row in found.items():
            if "error" in row:
                yield [name, target, row["error"], *[""] * len(processors), ""]
                continue
            ran = [row["executed"].get(each) for each in processors]
            decibels = [f"{each['db']:.1f}" if each else "" for each in ran]
            yield [name, target, f"{row['graph_db']:.1f}", *decibels, _same(ran)]


def _same(ran: Sequence[Row | None]) -> str:
    """Say whether the reference gave the same bits wherever it ran."""
    digests = [each["reference"] for each in ran if each and each["reference"]]
    if not digests:
        return ""
    return f"same bits on {len(digests)}" if len(set(digests)) == 1 else "**differs**"
