"""Is damage called `fail` and named, and is what is whole left alone?

python -m benchmarks faults                    every kind in every runtime, and 200 whole artifacts
python -m benchmarks faults --whole 20         fewer of those

The sample project is made first, in `build/benchmarks/project`; its verdicts are those of
`edgekit verify --layers` on every third test image. Whole artifacts come from students of their
own: the sample's, with noise of 2% on every weight.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.faults.damaged import damaged
from benchmarks.peers.watch import ROOT
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.session import session
from edgekit.dataset import Dataset
from edgekit.errors import EdgekitError
from edgekit.export.bundle import export_bundle
from edgekit.export.student import Student
from edgekit.export.target import target_named
from edgekit.files import read_json, write_json
from edgekit.machine import machine
from edgekit.project import open_project
from edgekit.steps import data, export
from edgekit.steps.workspace import Workspace
from edgekit.verify.parity import Budget
from edgekit.verify.score import score
from edgekit.verify.verify import explained, verify_bundle

RESULTS = ROOT / "benchmarks" / "results.json"
TARGETS = ("x86", "android", "jetson")
WHOLE = (
    ("x86", "fp32"),
    ("x86", "int8"),
    ("android", "fp32"),
    ("android", "int8"),
    ("jetson", "int8"),
)
EVERY = 3
NOISE = 0.02
Json = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """A student with the images that its artifacts are judged on."""

    student: Student
    samples: Dataset
    budget: Budget

    @cached_property
    def reference(self) -> NDArray[np.float32]:
        """The student's logits."""
        return score(self.student.detector, self.samples)

    def verify(self, bundle: Path) -> Json:
        """Judge as `edgekit verify --layers` does; what the runtime refuses fails as well."""
        signature = self.student.detector.signature
        try:
            found = verify_bundle(
                bundle, self.reference, self.samples, self.budget, student=signature
            )
            return explained(bundle, self.student, found)
        except EdgekitError as error:
            return {"verdict": "fail", "cause": {"kind": "refused", "what": str(error)}}


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the figures beside the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--project", type=Path, default=ROOT / "build" / "benchmarks" / "project")
    parser.add_argument("--whole", type=int, default=200, metavar="N")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not (options.project / "build" / "bundles").is_dir():
        for command in ("init", "run"):
            subprocess.run([sys.executable, "-m", "edgekit", command, options.project], check=False)
    with session(False, options.project / "faults.log") as current:
        space = Workspace(open_project(options.project), current.reporter, None)
        bench = opened(space)
        planted = list(_planted(bench, space.project.output / "bundles"))
        results = read_json(options.out) if options.out.exists() else {}
        results["faults"] = {
            "machine": machine(),
            "images": len(bench.samples),
            "planted": planted,
            "whole": _whole(bench, options.whole),
        }
    write_json(options.out, results)
    missed = [row for row in planted if not row["named"]]
    sys.stdout.write(
        f"{len(planted)} planted, {len(missed)} missed: {missed}\n{results['faults']['whole']}\n"
    )


def opened(space: Workspace) -> Bench:
    """Bring together what judging a project's bundles needs."""
    student = export.student(space)
    samples = data.split(space, "test", student.detector.signature)
    fewer = replace(samples, samples=samples.samples[::EVERY])
    return Bench(student, fewer, space.project.settings.budget)


def _planted(bench: Bench, bundles: Path) -> Iterator[Json]:
    for target in TARGETS:
        with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
            whole = bundles / f"{target}-int8"
            for name, bundle, named in damaged(whole, bench.student, Path(folder)):
                found = bench.verify(bundle)
                cause = found["cause"] or {"kind": None, "what": ""}
                yield {
                    "target": target,
                    "fault": name,
                    "verdict": found["verdict"],
                    "cause": cause["kind"],
                    "what": cause["what"],
                    "named": found["verdict"] == "fail" and named(cause),
                }


def _whole(bench: Bench, count: int) -> Json:
    """Verify artifacts in which nothing is wrong; a false alarm is a `fail`."""
    verdicts, alarms = Counter[str](), []
    for number in range(count):
        seed, kind = divmod(number, len(WHOLE))
        if kind == 0:
            other = replace(bench, student=_noisy(bench.student, seed))
        target, precision = WHOLE[kind]
        with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
            bundle = Path(folder, f"{target}-{precision}")
            export_bundle(other.student, target_named(target), precision, bundle)
            found = other.verify(bundle)
        verdicts[found["verdict"]] += 1
        if found["verdict"] == "fail":
            alarms.append({"seed": seed, "bundle": bundle.name, **(found["cause"] or {})})
    return {"artifacts": count, "verdicts": dict(verdicts), "false_alarms": alarms}


def _noisy(student: Student, seed: int) -> Student:
    """Make another student: the same, with noise on its weights."""
    detector = replace(student.detector, model=copy.deepcopy(student.detector.model))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in detector.model.parameters():
            weight *= 1 + NOISE * torch.randn(weight.shape, generator=generator)
    program = float_program(detector)
    return replace(
        student, detector=detector, program=program, ranges=observe(program, student.data)
    )
