"""What is expensive on ARM in each artifact that edgekit ships: cycles by kind of operator.

python -m benchmarks arm-limits
python -m benchmarks arm-limits --student vit_tiny_patch16_224

Needs a run of arm-peers; adds to benchmarks/peers-arm.json and docs/benchmarks.md.
"""

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.arm import counted, emulated
from benchmarks.compare.arm import COUNTED
from benchmarks.compare.command import DOCUMENT
from benchmarks.compare.count import CORES, as_bundle
from benchmarks.compare.subject import Limits, open_subject
from benchmarks.compare.table import between, grid
from benchmarks.peers.watch import ROOT
from edgekit.devices.cores import core_named
from edgekit.files import read_json, write_json, write_whole
from edgekit.performance.operators import with_operators
from edgekit.results.operators import Operator

RUNTIME, PEER = "litert", "edgekit-auto"
SHOWN = 6  # kinds of operator
_COLUMNS = ("student", "core", "M cycles", "where they go")


def main(arguments: Sequence[str]) -> None:
    """Profile what the search chose for every student in the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks arm-limits", description=__doc__)
    parser.add_argument("--student", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks")
    options = parser.parse_args(arguments)
    record = read_json(COUNTED)
    for name in options.student or record["students"]:
        record["students"][name]["operators"] = {
            core: profiled(name, core, options.build.absolute()) for core in CORES
        }
        write_json(COUNTED, record)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "arm-limits", table(record))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(record))


def profiled(name: str, core: str, build: Path) -> dict[str, Any]:
    """Count one student's artifact by kind of operator.

    Args:
        name: the student's.
        core: as qemu names it.
        build: folder of the benchmarks.
    """
    place = build / "peers" / name
    subject = open_subject(build / "students" / name, build / "data", place, Limits(), [RUNTIME])
    bundle = as_bundle(subject, RUNTIME, place / RUNTIME / PEER)
    try:
        found = with_operators(counted(bundle, core), bundle, emulated(core))
    finally:
        shutil.rmtree(bundle)
    return {"cycles": found.cycles, "kinds": by_kind(found.operators or ())}


def by_kind(operators: Sequence[Operator]) -> list[dict[str, Any]]:
    """Add operators of one kind up; what costs most comes first."""
    cycles: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for operator in operators:
        cycles[operator.kind] += operator.cycles or 0.0
        count[operator.kind] += 1
    kinds = sorted(cycles, key=lambda kind: -cycles[kind])
    return [{"kind": kind, "cycles": cycles[kind], "operators": count[kind]} for kind in kinds]


def table(record: dict[str, Any]) -> str:
    """Write a line for each student and core as Markdown."""
    return grid(_COLUMNS, list(_lines(record)), words=(0, 1, 3))


def _lines(record: dict[str, Any]) -> Iterator[list[str]]:
    for name, about in record["students"].items():
        for core, found in about.get("operators", {}).items():
            shares = (
                f"{kind['kind']} {kind['cycles'] / found['cycles']:.0%}"
                for kind in found["kinds"][:SHOWN]
            )
            yield [name, core_named(core).title, f"{found['cycles'] / 1e6:.1f}", ", ".join(shares)]
