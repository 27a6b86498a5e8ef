"""Measure edgekit beside its peers, on the trained students.

python -m benchmarks peers                     all students, all peers; minutes to hours
python -m benchmarks peers --student vit_tiny_patch16_224 --runtime litert
python -m benchmarks peers --peer fp32 ort-minmax edgekit-int8 --quick

A run of all peers writes benchmarks/peers.json, docs/benchmarks.md, docs/peers.svg and the README's
table, and replaces only the students that it measured. On a processor without VNNI, whose kernels
are others, it writes benchmarks/peers-avx2.json and its own part of docs/benchmarks.md. A run of
some peers or runtimes, or a quick one, writes peers.json into the build folder instead.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.compare import decisions
from benchmarks.compare.plot import picture
from benchmarks.compare.rows import measure
from benchmarks.compare.subject import Limits, open_subject
from benchmarks.compare.summary import summarise
from benchmarks.compare.table import between, full_tables, short_table
from benchmarks.compare.timing import Rounds
from benchmarks.peers.peer import SUFFIXES
from benchmarks.peers.registry import peers_named
from benchmarks.peers.watch import ROOT
from edgekit.devices.runner.sessions.onnxruntime import saturates
from edgekit.errors import EdgekitError, InputError
from edgekit.files import read_json, write_json, write_whole
from edgekit.machine import machine

THREADS = (1, 2)
QUICK = Limits(calibration=16, test=64)
QUICK_ROUNDS = Rounds(rounds=5, turn_ms=10.0, warm_ms=2.0, least=2)
RECORD, DOCUMENT = ROOT / "benchmarks" / "peers.json", ROOT / "docs" / "benchmarks.md"
WITHOUT_VNNI = RECORD.with_name("peers-avx2.json")
README, PLOT = ROOT / "README.md", ROOT / "docs" / "peers.svg"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME"}
    parser.add_argument("--student", help="which students; all trained ones otherwise", **several)
    parser.add_argument("--peer", help="which peers; all otherwise", **several)
    parser.add_argument(
        "--runtime", nargs="+", action="extend", default=[], choices=SUFFIXES, metavar="NAME"
    )
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--out", type=Path, help="where the JSON goes")
    parser.add_argument("--quick", action="store_true", help="few images and rounds: a trial")
    return parser.parse_args(arguments)


def students_named(names: Sequence[str], folder: Path) -> list[str]:
    """Return the trained students of these names; all where nothing is named.

    Raises:
        InputError: when one is not there, or none is.
    """
    known = sorted(path.parent.name for path in folder.glob("*/detector.json"))
    if not known:
        raise InputError(
            f"{folder} holds no trained student", "Train them with python -m benchmarks students"
        )
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"no trained student {unknown[0]!r} in {folder}", f"Use one of {', '.join(known)}"
        )
    return list(dict.fromkeys(names)) or known


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark; one line and an exit code when something asked for is not there."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a peer does not outlive this
    try:
        run(options)
    except EdgekitError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure student after student and write what is done after each."""
    build = options.build.absolute()
    students = students_named(options.student, build / "students")
    partial = bool(options.quick or options.peer or options.runtime)
    peers_named(options.peer, options.runtime)  # a wrong name is said before anything is measured
    record = WITHOUT_VNNI if saturates() else RECORD
    out = (options.out or (build / "peers.json" if partial else record)).absolute()
    results: dict[str, Any] = read_json(out) if out.exists() else {"students": {}}
    for name in students:
        results["students"][name] = one(name, build, options)
        results |= about(results["students"], QUICK_ROUNDS if options.quick else Rounds())
        write_json(out, results)
        if out == RECORD:
            publish(results)
        elif out == WITHOUT_VNNI:
            publish_avx2(results)
    print(short_table(results))
    return results


def one(name: str, build: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one student; a student that cannot be prepared is a record with its reason."""
    limits, rounds = (QUICK, QUICK_ROUNDS) if options.quick else (Limits(), Rounds())
    say(f"{name}: preparing")
    try:
        subject = open_subject(
            build / "students" / name,
            build / "data",
            build / ("quick" if options.quick else "peers") / name,
            limits,
            sorted(set(options.runtime)) or list(SUFFIXES),
        )
    except InputError:
        raise
    except EdgekitError as error:
        return {"error": error.what}
    peers = peers_named(options.peer, options.runtime)
    rows = measure(subject, peers, build / "envs", rounds, THREADS, say)
    return {
        "sha256": subject.task.sha256,
        "machine": machine().to_json(),
        "images": {"calibration": len(subject.task.samples()), "test": len(subject.positives)},
        "reference": decisions.of_the_student(subject),
        "runtimes": rows,
    }


def about(students: dict[str, Any], rounds: Rounds) -> dict[str, Any]:
    """Return what is not of one student: settings, budget and summary."""
    return {
        "budget": {"auc_drop": decisions.AUC, "flips": decisions.FLIPS},
        "timing": {"rounds": rounds.rounds, "turn_ms": rounds.turn_ms, "batch": 1},
        "summary": summarise(students, THREADS),
    }


def publish(results: dict[str, Any]) -> None:
    """Write tables and picture into the documents."""
    tables = {"peers-short": short_table(results), "peers-full": full_tables(results)}
    for path, names in {README: ("peers-short",), DOCUMENT: tuple(tables)}.items():
        text = path.read_text(encoding="utf-8")
        for name in names:
            text = between(text, name, tables[name])
        write_whole(path, text.encode())
    write_whole(PLOT, picture(results).encode())


def publish_avx2(results: dict[str, Any]) -> None:
    """Write the tables of processors without VNNI into their part of the document."""
    processors = {found["machine"]["processor"] for found in results["students"].values()}
    tables = f"{short_table(results)}\n{full_tables(results)}"
    content = f"Measured on {', '.join(sorted(processors))}, without VNNI.\n\n{tables}"
    text = between(DOCUMENT.read_text(encoding="utf-8"), "peers-avx2", content)
    write_whole(DOCUMENT, text.encode())


def say(line: str) -> None:
    """Tell what is being done."""
    print(line, file=sys.stderr, flush=True)
