"""Search the precision of every trained student in every runtime, for the comparison with peers."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.compare.command import students_named
from benchmarks.peers.edgekit_own import TARGETS, copy_artifact
from benchmarks.peers.peer import SUFFIXES
from benchmarks.peers.watch import ROOT
from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.cli.quiet import quiet
from edgekit.dataset import open_dataset
from edgekit.detectors.registry import open_detector
from edgekit.devices.device import device_named
from edgekit.exporters.student import Student
from edgekit.files import write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.performance.settings import BenchSettings
from edgekit.search.bench import open_bench
from edgekit.search.choose import Found
from edgekit.search.search import search
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trials
from edgekit.steps.installed import versions
from edgekit.steps.key import code_of
from edgekit.target import target_named
from edgekit.verification.parity import Budget

# The comparison asks for 0.2 points of AUC and 1% of flips. Here the flips' whole interval counts:
# 2.5% admits 0.8% of the 380 held-out images.
BUDGET = Budget(auc=0.002, ap=0.01, accuracy=0.02, flips=0.025)


def main(arguments: Sequence[str]) -> None:
    """Search, and leave each chosen artifact in `<build>/auto/<student>/<runtime>/`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks auto", description=__doc__)
    parser.add_argument("--student", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--runtime", nargs="+", default=list(TARGETS), choices=SUFFIXES)
    parser.add_argument(
        "--seconds", type=float, default=1800.0, help="no new trial of a search starts after that"
    )
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks")
    options = parser.parse_args(arguments)
    names = students_named(options.student, options.build / "students")
    with quiet(None) as (out, _):
        say = partial(print, file=out, flush=True)
        for name in names:
            found = load(options.build / "students" / name, options.build / "data" / "calibration")
            for runtime in options.runtime:
                settings = SearchSettings(seconds=options.seconds)
                run(found, name, runtime, options.build, settings, say)


def load(folder: Path, calibration: Path) -> Student:
    """Bring together a trained student, its float Program and its Ranges."""
    detector = open_detector(folder)
    data = open_dataset(calibration, detector.signature)
    program = float_program(detector)
    return Student(detector, sha256_tree(folder), program, observe(program, data), data)


def run(
    student: Student,
    name: str,
    runtime: str,
    build: Path,
    settings: SearchSettings,
    say: Callable[[str], None],
) -> Found:
    """Search for one student and runtime; trials made before are not made again."""
    target = target_named(TARGETS[runtime])  # type: ignore[index]
    heldout = open_dataset(build / "data" / "heldout", student.detector.signature)
    timing, here = BenchSettings(), device_named("local")
    code = code_of(("edgekit.search.bench", "edgekit.search.search"))
    depends = {
        "student": student.sha256,
        "data": [student.data.sha256, heldout.sha256],
        "budget": BUDGET.to_json(),
        "settings": settings.model_dump(mode="json", exclude={"seconds"}),
        "timing": timing.to_json(),
        "tools": versions(code.packages),
        "code": dict(code.files),
    }
    folder = build / "search" / name / f"{runtime}-{sha256_json(depends)[:16]}"
    trials = Trials(folder / "trials.jsonl")
    given = (heldout, BUDGET, settings, timing, folder)
    with open_bench(student, target, here, *given) as bench:
        found = search(
            bench, trials, lambda trial, _: say(f"  {trial.recipe.name}: {trial.line()}")
        )
        out = build / "auto" / name / runtime
        out.mkdir(parents=True, exist_ok=True)
        artifact = bench.artifact(found.chosen.recipe)
        copy_artifact(artifact, out / f"model{SUFFIXES[runtime]}")  # type: ignore[index]
    write_json(out / "found.json", {"chosen": found.chosen.to_json(), "verdict": found.verdict})
    say(f"{name} {runtime}: {found.describe()}: {found.chosen.line()}")
    return found
