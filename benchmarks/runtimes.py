"""ONNX Runtime and OpenVINO side by side: the same students, in interleaved pairs of processes.

    python -m benchmarks runtimes [--students NAME ...] [--side N] [--out FILE]

The students' weights are all but random: how fast an artifact is does not depend on what it learnt.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from edgekit.files import write_json
from edgekit.machine import machine
from edgekit.target import Precision, target_named

STUDENTS = ("resnet18", "mobilenetv4_conv_small", "repvit_m0_9", "vit_tiny_patch16_224")
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


def race(name: str, side: int, folder: Path) -> dict[str, Any]:
    """Time one student's bundles of target `intel` against those of `x86`, one thread.

    Args:
        name: of the network in timm.
        side: of its square input, pixels.
        folder: for samples and bundles.

    Returns:
        by precision the median latencies `x86_ms` and `intel_ms`, and `ratio` with `ci95`, latency
        with OpenVINO over that with ONNX Runtime.
    """
    from edgekit.performance.bench import bench_bundle
    from edgekit.performance.settings import BenchSettings
    from edgekit.testing.student import small_student
    from edgekit.testing.target import built

    student = small_student(folder / "samples", name, side)
    found: dict[str, Any] = {}
    for precision in PRECISIONS:
        x86, intel = (
            built(target_named(target), precision, folder, student) for target in ("x86", "intel")
        )
        measured = bench_bundle(intel, x86, BenchSettings(max_pairs=20))
        assert measured.against is not None
        ratio = measured.against.ratio
        found[precision] = {
            "intel_ms": measured.p50_ms,
            "x86_ms": measured.p50_ms / ratio.value,
            "ratio": ratio.value,
            "ci95": [ratio.low, ratio.high],
        }
    return found


def main(arguments: list[str]) -> None:
    """Parse, race, print one line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks runtimes")
    parser.add_argument("--students", nargs="+", default=STUDENTS)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": machine().to_json(), "side": options.side, "students": {}}
    for name in options.students:
        with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
            found["students"][name] = race(name, options.side, Path(folder))
        print(json.dumps({name: found["students"][name]}), flush=True)
    if options.out:
        write_json(options.out, found)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
