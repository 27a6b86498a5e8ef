"""What each correction wins back, alone: `python -m benchmarks corrections`.

Of every student and Scheme: the quantized Program, simulated, against the float one on held-out
images that no calibration has seen. Written to build/benchmarks/corrections.json and .md.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram
from torch.fx import GraphModule

from edgekit.calibration.corrections.constants import store, stored
from edgekit.calibration.corrections.registry import CORRECTIONS, prepare, repair
from edgekit.calibration.corrections.samples import Images, Samples
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.simulate import Grid
from edgekit.calibration.corrections.twin import make_twin
from edgekit.calibration.corrections.walk import walk
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program, unlift
from edgekit.calibration.quantize import quantize
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.scheme import SCHEMES
from edgekit.dataset import Dataset, open_dataset
from edgekit.decision import decisions, scores
from edgekit.detectors.registry import open_detector
from edgekit.errors import EdgekitError
from edgekit.files import read_json, write_json, write_whole
from edgekit.machine import machine
from edgekit.metrics import plain

BUILD = Path("build/benchmarks")
STUDENTS = ("mobilenetv4_conv_small", "vit_tiny_patch16_224")
RUNTIMES = ("onnxruntime", "tflite", "tensorrt")
# Weights alone, everything else float: what `rounding` is for.
LOW = "4-bit weights"
SETS: dict[str, tuple[str, ...]] = {
    "none": (),
    **{name: (name,) for name in CORRECTIONS},
    "all but distilled": tuple(name for name in CORRECTIONS if name != "distilled"),
}
_TOGETHER = 8
_BITS = 4

Row = dict[str, Any]
Logits = NDArray[np.float32]


def main(arguments: list[str]) -> None:
    """Parse, measure, print rows as they come; leave with one line when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks corrections", description=__doc__)
    parser.add_argument("--student", nargs="+", default=STUDENTS, metavar="NAME")
    parser.add_argument(
        "--scheme", nargs="+", default=(*RUNTIMES, LOW), choices=(*SCHEMES, LOW), metavar="NAME"
    )
    parser.add_argument("--only", nargs="+", default=tuple(SETS), choices=SETS, metavar="NAME")
    parser.add_argument("--images", type=int, help="of the held-out ones; all when left out")
    parser.add_argument("--build", type=Path, default=BUILD)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        for name in options.student:
            subject = open_subject(options.build, name, options.images)
            for row in rows(subject, options.scheme, options.only):
                print(_line(row.values()), flush=True)
                record(options.build, row)
    except EdgekitError as error:
        sys.exit(str(error))


@dataclass(frozen=True)
class Subject:
    """A student with its images.

    Attributes:
        name: of the student.
        program: its float Program.
        ranges: of the calibration images.
        calibration: images to calibrate and correct with.
        train: images that `distilled` learns from.
        heldout: images to measure on.
        chosen: indices of those.
        reference: float logits on them, [N, C].
    """

    name: str
    program: ExportedProgram
    ranges: Ranges
    calibration: Dataset
    train: Dataset
    heldout: Dataset
    chosen: list[int]
    reference: Logits


def open_subject(folder: Path, name: str, images: int | None) -> Subject:
    """Load a trained student, calibrate, and run it on the held-out images.

    Raises:
        InputError: when the student or its images are not there.
    """
    detector = open_detector(folder / "students" / name)
    calibration, train, heldout = (
        open_dataset(folder / "data" / split, detector.signature)
        for split in ("calibration", "train", "heldout")
    )
    total = len(heldout)
    count = min(images or total, total)
    chosen = [index * total // count for index in range(count)]
    program = float_program(detector)
    reference = logits(unlift(program), Images(heldout), chosen)
    ranges = observe(program, calibration)
    return Subject(name, program, ranges, calibration, train, heldout, chosen, reference)


def logits(graph: GraphModule, images: Samples, chosen: Sequence[int]) -> Logits:
    """Run a graph on some images, a few at a time; float32 [N, C]."""
    found: list[torch.Tensor] = []
    with torch.no_grad():
        for start in range(0, len(chosen), _TOGETHER):
            found += walk(graph, [images[i] for i in chosen[start : start + _TOGETHER]])
    return np.asarray(torch.cat(found).numpy())


def rows(subject: Subject, schemes: Sequence[str], names: Sequence[str]) -> Iterator[Row]:
    """Measure every correction under every Scheme."""
    for scheme in schemes:
        for name in names:
            if scheme != LOW:
                graph, seconds = corrected(subject, scheme, SETS[name])
            elif name in ("none", "rounding"):
                graph, seconds = low(subject, fitted=name == "rounding")
            else:
                continue
            got = logits(graph, Images(subject.heldout), subject.chosen)
            found = {"student": subject.name, "scheme": scheme, "correction": name}
            yield found | figures(subject, got) | {"seconds": round(seconds, 1)}


def corrected(subject: Subject, scheme: str, names: tuple[str, ...]) -> tuple[GraphModule, float]:
    """Return the simulated quantized graph, and what the corrections alone took, seconds."""
    learns = Images(subject.train if "distilled" in names else subject.calibration)
    start = time.perf_counter()
    program = prepare(subject.program, names, Images(subject.calibration))
    seconds = time.perf_counter() - start
    changed = program is not subject.program
    ranges = observe(program, subject.calibration) if changed else subject.ranges
    quantized = quantize(program, ranges, SCHEMES[scheme])
    start = time.perf_counter()
    fitted = repair(program, quantized, names, learns)
    seconds += time.perf_counter() - start
    if fitted is not program:
        quantized = quantize(fitted, ranges, SCHEMES[scheme])
    return make_twin(fitted, quantized, (), CorrectionSettings()).simulated, seconds


def low(subject: Subject, fitted: bool) -> tuple[GraphModule, float]:
    """Return the float graph with weights of 4 bits, the last layer's left out."""
    quantized = quantize(subject.program, subject.ranges, SCHEMES["onnxruntime"])
    start, settings = time.perf_counter(), CorrectionSettings(bits=_BITS)
    if fitted:
        names, images = ("rounding",), Images(subject.calibration)
        program = repair(subject.program, quantized, names, images, settings)
        return unlift(program), time.perf_counter() - start
    twin = make_twin(subject.program, quantized, (), settings)
    for layer in twin.layers:
        if layer.grid is not None:
            grid = Grid(layer.grid.axis, 2 ** (_BITS - 1) - 1, layer.grid.shared)
            weight = twin.weight(layer)
            store(twin.simulated, weight, grid.round(stored(twin.simulated, weight)))
    return unlift(twin.corrected(subject.program)), 0.0


def figures(subject: Subject, got: Logits) -> Row:
    """Compare logits with the float ones: SQNR in dB, flips in percent, AUC drop in points."""
    signature = subject.heldout.signature
    error = np.square(got - subject.reference).sum()
    before, after = (scores(values, signature) for values in (subject.reference, got))
    positives = subject.heldout.positives[subject.chosen]
    aucs = [plain("auc", values, positives, signature.threshold) for values in (before, after)]
    flips = np.mean(decisions(before, signature) != decisions(after, signature))
    return {
        "sqnr_db": round(float(10 * np.log10(np.square(subject.reference).sum() / error)), 1),
        "flips_percent": round(100 * float(flips), 2),
        "auc_points": round(100 * (aucs[1] - aucs[0]), 2),
    }


def record(folder: Path, row: Row) -> None:
    """Put a row into the results, in the place of an older one of the same kind."""
    path = folder / "corrections.json"
    found = read_json(path)["rows"] if path.exists() else []
    kept = [old for old in found if _key(old) != _key(row)]
    write_json(path, {"machine": machine().to_json(), "rows": [*kept, row]})
    table = [_line(row), _line("---" for _ in row), *(_line(r.values()) for r in [*kept, row])]
    write_whole(path.with_suffix(".md"), ("\n".join(table) + "\n").encode())


def _key(row: Row) -> tuple[Any, ...]:
    return row["student"], row["scheme"], row["correction"]


def _line(cells: Any) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
