"""What networks read, write and miss on a Cortex-A72, and whether a cost of misses explains times.

The networks are those of `arm`. What was counted is noted one by one, so that a run which was
killed carries on. No cost of a miss is published: some are tried.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.arm import DOCUMENT, NETWORKS, PRECISIONS, ROOT, bundles, emulated
from benchmarks.compare.table import between, grid
from benchmarks.published import PI4, constants
from edgekit.files import write_json, write_whole
from edgekit.performance.count import count_bundle
from edgekit.performance.counters import find_counter, with_memory
from edgekit.performance.settings import BenchSettings

CORE = "cortex-a72"
RECORD = Path(__file__).with_name("arm_memory.json")
COSTS = ((0, 0), (0, 40), (0, 127), (10, 40), (10, 127))  # cycles of a miss in L1, in L2
CYCLES_PER_MS = 4 * 1.5e6  # of all four cores of a Raspberry Pi 4
Rows = list[dict[str, Any]]


def main(arguments: Sequence[str]) -> None:
    """Make the bundles, count them, write the record and the document's tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks arm-memory", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks" / "arm")
    build: Path = parser.parse_args(arguments).build
    rows = [_noted(name, precision, build) for name in NETWORKS for precision in PRECISIONS]
    record = {"counts": rows, "costs": [tried(rows, *cost) for cost in COSTS]}
    write_json(RECORD, record)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "arm-memory", table(record))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(record))


def _noted(name: str, precision: str, build: Path) -> dict[str, Any]:
    """Count, unless that was noted before."""
    notes = build / f"{NETWORKS[name]}-{precision}-{CORE}-memory.json"
    if not notes.exists():
        device = emulated(CORE)
        bundle = {str(key): path for key, path in bundles(name, build).items()}[precision]
        counter = with_memory(find_counter(device))
        count = count_bundle(bundle, BenchSettings(), device, counter)
        write_json(notes, {"network": name, "precision": precision, **count.to_json()})
    found: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
    return found


def tried(rows: Rows, l1: float, l2: float) -> dict[str, Any]:
    """Hold modelled cycles with a cost of misses against published times.

    Args:
        rows: counts with `network`, `precision`, `core`, `cycles` and `memory`.
        l1: cycles of a line that the first cache does not hold.
        l2: further cycles of one that the second does not hold either.

    Returns:
        `farthest` of fp32 for each phone, as `constants` has it; of the Raspberry Pi 4
        `int8_over_fp32` and modelled over published cycles (`of_published`), by network.
    """
    found = [{**row, "cycles": _cycles(row, l1, l2)} for row in rows]
    cycles = {(row["network"], row["precision"]): row["cycles"] for row in found}
    phones = [row for row in constants(found) if row["figure"] == "cycles"]
    return {
        "l1": l1,
        "l2": l2,
        "farthest": {row["phone"]: row["farthest"] for row in phones},
        "int8_over_fp32": {
            name: cycles[name, "int8"] / cycles[name, "fp32"] for name in PI4["int8"]
        },
        "of_published": {
            precision: {name: cycles[name, precision] / (ms * CYCLES_PER_MS)
                        for name, ms in times.items()}
            for precision, times in PI4.items()
        },
    }  # fmt: skip


def _cycles(row: dict[str, Any], l1: float, l2: float) -> float:
    memory = row["memory"]
    return float(row["cycles"] + l1 * memory["l1_misses"] + l2 * memory["l2_misses"])


def table(record: dict[str, Any]) -> str:
    """Write counts and costs as Markdown."""
    return "\n\n".join((_counts(record["counts"]), _costs(record["costs"])))


def _counts(rows: Rows) -> str:
    names = ("bytes_read", "bytes_written", "l1_misses", "l2_misses")
    cells = [
        (
            row["network"],
            row["precision"],
            *(f"{row['memory'][name] / 1e6:.2f} M" for name in names),
        )
        for row in rows
    ]
    head = ("network", "precision", "bytes read", "written", "lines not in L1", "not in L2")
    return grid(head, cells, (0, 1))


def _costs(rows: Rows) -> str:
    cells = [
        (str(row["l1"]), str(row["l2"]), *(f"{value:.1%}" for value in row["farthest"].values()),
         *(_each(row["of_published"][name]) for name in PI4), _each(row["int8_over_fp32"]))
        for row in rows
    ]  # fmt: skip
    phones = rows[0]["farthest"]
    head = ("L1 miss", "L2 miss", *phones, "Pi 4 fp32", "Pi 4 int8", "int8 over fp32")
    return grid(head, cells, ())


def _each(values: dict[str, float]) -> str:
    return " ".join(f"{value:.2f}" for value in values.values())
