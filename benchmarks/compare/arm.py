"""Count edgekit's artifacts beside its peers' on emulated ARM cores, on the trained students.

python -m benchmarks arm-peers                    all students, all peers; an hour or two
python -m benchmarks arm-peers --student repvit_m0_9 --runtime litert

Modelled cycles and instructions stand where `peers` has milliseconds. A run writes
benchmarks/peers-arm.json and its part of docs/benchmarks.md, and replaces only the students and
runtimes that it counted; a run of some peers writes peers-arm.json into the build folder instead.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.compare import decisions
from benchmarks.compare.arm_table import tables
from benchmarks.compare.command import DOCUMENT, RECORD, say, students_named
from benchmarks.compare.count import CORES, count_rows
from benchmarks.compare.rows import judged
from benchmarks.compare.subject import Limits, open_subject
from benchmarks.compare.table import between
from benchmarks.peers.registry import peers_named
from benchmarks.peers.watch import ROOT
from edgekit.errors import EdgekitError
from edgekit.files import read_json, write_json, write_whole
from edgekit.machine import machine

COUNTED = RECORD.with_name("peers-arm.json")
# Of ONNX Runtime its own quantizers, each once: how ranges were found changes no count. OpenVINO
# has no build for the emulated system.
PEERS: dict[str, tuple[str, ...]] = {
    "litert": (),
    "onnxruntime": ("fp32", "ort-minmax", "ort-dynamic", "edgekit-int8"),
}


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark; one line and an exit code when something asked for is not there."""
    options = _parse(arguments)
    try:
        results = run(options)
    except EdgekitError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)
    print(tables(results))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks arm-peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    some: dict[str, Any] = {"nargs": "+", "default": [], "metavar": "NAME"}
    parser.add_argument("--student", help="which students; all trained ones otherwise", **some)
    parser.add_argument("--peer", help="which peers; all otherwise", **some)
    parser.add_argument("--runtime", nargs="+", default=[], choices=PEERS, metavar="NAME")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Count student after student and write what is done after each."""
    build = options.build.absolute()
    students = students_named(options.student, build / "students")
    whole = not options.peer
    peers_named(options.peer, options.runtime)  # a wrong name is said before anything is counted
    out = COUNTED if whole else build / "peers-arm.json"
    results = _recorded(out)
    for name in students:
        rows = _one(name, build, options)
        results = _recorded(out)  # now, because another run may count other students beside
        results["students"][name] = _joined(results["students"].get(name, {}), rows)
        write_json(out, results)
        if whole:
            text = between(DOCUMENT.read_text(encoding="utf-8"), "peers-arm", tables(results))
            write_whole(DOCUMENT, text.encode())
    return results


def _recorded(path: Path) -> dict[str, Any]:
    budget = {"auc_drop": decisions.AUC, "flips": decisions.FLIPS}
    return read_json(path) if path.exists() else {"students": {}, "budget": budget}


def _joined(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Keep rows of runtimes that were counted before and not now."""
    if "rows" not in found:
        return found
    now = {row["runtime"] for row in found["rows"]}
    kept = [row for row in before.get("rows", []) if row["runtime"] not in now]
    return {
        **before,
        **found,
        "rows": sorted([*found["rows"], *kept], key=lambda row: row["runtime"]),
    }


def _one(name: str, build: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Count one student; one that cannot be prepared is a record with its reason."""
    runtimes = options.runtime or list(PEERS)
    place, data = build / "students" / name, build / "data"
    rows: list[dict[str, Any]] = []
    try:
        for runtime in runtimes:
            subject = open_subject(place, data, build / "peers" / name, Limits(), [runtime])
            peers = peers_named(options.peer or PEERS[runtime], [runtime])
            found = judged(subject, peers, build / "envs", say).get(runtime, [])
            count_rows(subject, runtime, found, CORES, say)
            rows += [{**row, "runtime": runtime} for row in found]
    except EdgekitError as error:
        return {"error": error.what}
    reference = decisions.of_the_student(subject)
    return {"machine": machine().to_json(), "reference": reference, "rows": rows}
