"""What limits each shipped artifact: its slowest kernels, and its share of the core's int8 peak.

python -m benchmarks limits
python -m benchmarks limits --student vit_tiny_patch16_224

Needs a run of all peers; adds to benchmarks/peers.json and docs/benchmarks.md. The peak is what the
runtime itself reaches on this core, with one thread, in a product of two 1024 x 1024 matrices, the
easiest thing there is for it.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.compare.command import DOCUMENT, RECORD
from benchmarks.compare.table import between, grid
from benchmarks.peers.edgekit_own import TARGETS
from benchmarks.peers.peer import SUFFIXES, TITLES
from benchmarks.peers.watch import ROOT
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.quiet import quiet
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.registry import open_detector
from edgekit.devices.device import KernelTime
from edgekit.devices.runner.sessions import session_named
from edgekit.exporters.bundle import build_artifact
from edgekit.exporters.recipe import default_recipe, lower
from edgekit.exporters.student import Student
from edgekit.files import read_json, write_json, write_whole
from edgekit.runtimes import runtime_named
from edgekit.search.profilers import profiler_of
from edgekit.search.profilers.kernel import Kernel
from edgekit.signature import Input, Signature
from edgekit.target import target_named

SIDE = 1024
SHOWN = 5  # kinds of kernel
_COLUMNS = (
    "student", "runtime", "MACs, million", "GMAC/s", "peak in fp32", "peak in int8",
    "of the int8 peak", "where the time goes",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Profile what `edgekit-auto` shipped for every student in the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks limits", description=__doc__)
    parser.add_argument("--student", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks")
    options = parser.parse_args(arguments)
    record = read_json(RECORD)
    with quiet(None):
        peaks: dict[str, Any] = {runtime: peak(runtime) for runtime in TARGETS}
        for name, found in record["students"].items():
            if "runtimes" in found and name in (options.student or record["students"]):
                found["limits"] = limits(name, found, peaks, options.build)
    write_json(RECORD, record)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "limits", table(record))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(record))


def limits(
    name: str, found: dict[str, Any], peaks: dict[str, Any], build: Path
) -> dict[str, dict[str, Any]]:
    """Describe one student's artifact in each runtime.

    Args:
        name: the student's.
        found: its record.
        peaks: billions of multiply-adds a second, by runtime and precision.
        build: folder of the benchmarks.
    """
    macs = multiply_adds(open_detector(build / "students" / name))
    described = {}
    for runtime, rows in found["runtimes"].items():
        timed = {row["peer"]: row for row in rows if not row["error"]}
        if "edgekit-auto" not in timed:
            continue
        artifact = build / "peers" / name / runtime / "edgekit-auto" / f"model{SUFFIXES[runtime]}"
        speed = macs / timed["edgekit-auto"]["latency"]["1"]["p50_ms"] / 1e6
        described[runtime] = {
            "macs": macs,
            "gmacs_per_s": speed,
            "peak": peaks[runtime],  # of the machine that this student was measured on
            "share_of_int8_peak": speed / peaks[runtime]["int8"],
            "kernels": shares(profiled(runtime, artifact)),
        }
    return described


def multiply_adds(detector: Detector) -> int:
    """Count the multiply-adds of one inference: convolutions, linears and matrix products."""
    inputs = [torch.zeros(spec.shape) for spec in detector.signature.inputs]
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        detector.model(*inputs)
    return int(counter.get_total_flops()) // 2


def profiled(runtime: str, artifact: Path) -> list[Kernel]:
    """Profile an artifact that has no bundle around it, in this process."""
    found = session_named(runtime).profile(str(artifact), (), 1)
    times = [KernelTime(each["kind"], each["us"], tuple(each["nodes"])) for each in found]
    named: list[Kernel] = import_module(str(profiler_of(runtime))).named(times, artifact)
    return named


def shares(profile: Sequence[Kernel]) -> dict[str, float]:
    """Return the share of the time by kind of kernel, the largest first."""
    times: dict[str, float] = defaultdict(float)
    for kernel in profile:
        times[kernel.kind] += kernel.us
    total = sum(times.values()) or 1.0
    slowest = sorted(times, key=lambda kind: -times[kind])[:SHOWN]
    return {kind: times[kind] / total for kind in slowest}


def peak(runtime: str) -> dict[str, float]:
    """Return billions of multiply-adds a second of one large linear, by precision."""
    target = target_named(TARGETS[runtime])  # type: ignore[index]
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        student = _square(Path(scratch))
        found = {}
        for precision in ("fp32", "int8"):
            recipe = default_recipe(target, precision)
            program = lower(student, recipe, runtime_named(target.runtime).folded)
            built = build_artifact(program, target, recipe, Path(scratch))
            profile = profiled(runtime, Path(scratch, built.artifact))
            large = max(kernel.us for kernel in profile if kernel.group in ("linear", "matmul"))
            found[precision] = SIDE**3 / large / 1e3
    return found


class _Square(nn.Module):
    """One product of 1024 x 1024 matrices between two small layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.large = nn.Linear(16, SIDE), nn.Linear(SIDE, SIDE)
        self.last = nn.Linear(SIDE, 2)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        wide = self.large(torch.relu(self.first(rows)))
        return torch.as_tensor(self.last(wide.mean(1)))


def _square(folder: Path) -> Student:
    torch.manual_seed(0)
    shape = (1, SIDE, 16)
    for index in range(4):
        path = folder / "data" / "ab"[index % 2] / f"{index}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, torch.randn(shape).numpy())
    inputs = (Input(name="rows", shape=shape, layout="ANY"),)
    signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
    detector = Detector(_Square().eval(), signature, {})
    data, program = open_dataset(folder / "data", signature), float_program(detector)
    return Student(detector, "0" * 64, program, observe(program, data), data)


def table(record: dict[str, Any]) -> str:
    """Write what was found as Markdown."""
    rows = [
        _row(name, runtime, about)
        for name, found in record["students"].items()
        for runtime, about in found.get("limits", {}).items()
    ]
    return grid(_COLUMNS, rows, words=(0, 1, len(_COLUMNS) - 1))


def _row(name: str, runtime: str, about: dict[str, Any]) -> list[str]:
    slowest = sorted(about["kernels"].items(), key=lambda item: -item[1])
    parts = ", ".join(f"{kind} {100 * share:.0f}%" for kind, share in slowest)
    return [
        name,
        TITLES[runtime],
        f"{about['macs'] / 1e6:.0f}",
        f"{about['gmacs_per_s']:.0f}",
        *(f"{about['peak'][precision]:.0f}" for precision in ("fp32", "int8")),
        f"{100 * about['share_of_int8_peak']:.0f}%",
        parts,
    ]
