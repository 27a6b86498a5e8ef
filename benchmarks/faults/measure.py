"""Is damage called `fail` and named, and is what is whole left alone?

python -m benchmarks faults                    every kind in every runtime, and 200 whole artifacts
python -m benchmarks faults --whole 20         fewer of those

The sample project is made first, in `build/benchmarks/project`; its verdicts are those of
`edgekit verify --layers` on every third test image. Whole artifacts come from students of their
own: the sample's, with noise of 2% on every weight. A run that was stopped carries on; remove
`faults.jsonl` in the project to measure anew.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.compare.table import between, grid
from benchmarks.faults.bench import Bench, Json
from benchmarks.faults.damaged import damaged
from benchmarks.faults.notes import Notes
from benchmarks.faults.whole import verify_whole
from benchmarks.peers.watch import ROOT
from edgekit.cli.command import command
from edgekit.files import read_json, write_json, write_whole
from edgekit.machine import machine
from edgekit.steps import calibrate, data
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace

DOCUMENT = ROOT / "docs" / "verification.md"
RESULTS = ROOT / "benchmarks" / "results.json"
TARGETS = ("x86", "android", "jetson")
EVERY = 3


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the figures beside the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--project", type=Path, default=ROOT / "build" / "benchmarks" / "project")
    parser.add_argument("--whole", type=int, default=200, metavar="N")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not (options.project / "build" / "bundles").is_dir():
        for name in ("init", "run"):
            subprocess.run([sys.executable, "-m", "edgekit", name, options.project], check=False)
    with command(False, options.project / "faults.log") as current:
        space = Workspace(open_project(options.project), current.reporter, None)
        bench = opened(space)
        notes = Notes(options.project / "faults.jsonl")
        planted = list(_planted(bench, space.project.output / "bundles", notes, current.say))
        results = read_json(options.out) if options.out.exists() else {}
        results["faults"] = {
            "machine": machine().to_json(),
            "images": len(bench.samples),
            "planted": planted,
            "whole": verify_whole(bench, options.whole, notes, current.say),
        }
    write_json(options.out, results)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "faults", table(results["faults"]))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(results["faults"]))


def opened(space: Workspace) -> Bench:
    """Bring together what judging a project's bundles needs."""
    student = calibrate.student(space)
    samples = data.split(space, "test", student.detector.signature)
    fewer = replace(samples, samples=samples.samples[::EVERY])
    return Bench(student, fewer, space.project.settings.budget)


def _planted(
    bench: Bench, bundles: Path, notes: Notes, say: Callable[[str], None]
) -> Iterator[Json]:
    for target in TARGETS:
        with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
            whole = bundles / f"{target}-int8"
            for name, bundle, named in damaged(whole, bench.student, Path(folder)):
                if (key := f"{target}, {name}") not in notes:
                    notes.add(
                        key, {"target": target, "fault": name, **_judged(bench, bundle, named)}
                    )
                say(f"{key}: {notes[key]['verdict']}, {notes[key]['what']}")
                yield notes[key]


def _judged(bench: Bench, bundle: Path, named: Callable[[Json], bool]) -> Json:
    found = bench.verify(bundle)
    cause = found["cause"] or {"kind": None, "what": ""}
    return {
        "verdict": found["verdict"],
        "cause": cause["kind"],
        "what": cause["what"],
        "named": found["verdict"] == "fail" and named(cause),
    }


def table(found: Json) -> str:
    """Write what was found as Markdown: each kind of damage, and what it was called by target."""
    planted, whole = found["planted"], found["whole"]
    calls = {(row["fault"], row["target"]): _called(row) for row in planted}
    kinds = dict.fromkeys(row["fault"] for row in planted)
    rows = [[kind, *(calls.get((kind, target), "") for target in TARGETS)] for kind in kinds]
    named = sum(row["named"] for row in planted)
    return (
        f"{named} of {len(planted)} planted faults are called `fail` and named, judged on "
        f"{found['images']} images. Of {whole['artifacts']} whole artifacts "
        f"{len(whole['false_alarms'])} fail ({_counted(whole['verdicts'])}). "
        f"Processor: {found['machine']['processor']}.\n\n"
        + grid(("damage", *TARGETS), rows, words=range(1 + len(TARGETS)))
    )


def _called(row: Json) -> str:
    """Return the kind of the cause; what it was called instead where that is not right."""
    if row["named"]:
        return f"`{row['cause']}`"
    return f"**{row['verdict']}, {row['cause'] or 'no cause'}**"


def _counted(verdicts: Json) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
