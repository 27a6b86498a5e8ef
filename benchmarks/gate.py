"""How often the latency gate is wrong, and what the runner adds to an inference.

python -m benchmarks gate [--same 200] [--slower 100] [--minutes 60] [--build FOLDER]

A small network is exported once. The same bundle is gated against itself; a copy with one more
convolution in its graph, sized to 5% of the time, is gated against the original. Every gate is the
whole of what `edgekit bench --baseline FILE --against BUNDLE --max-regression 3%` does. Gates are
noted one by one, so that a run that was stopped carries on. Instructions are counted of int8.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare.table import between
from benchmarks.peers.watch import ROOT
from benchmarks.slowed import by_instructions, by_time, small_bundle
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.devices.runner.timing import timed
from edgekit.files import read_json, write_json, write_whole
from edgekit.machine import machine
from edgekit.manifest import read_manifest
from edgekit.performance.count import count_bundle
from edgekit.performance.gate import Gate, gate_bundle
from edgekit.performance.limits import Limits, parse_limits
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import sample

DOCUMENT = ROOT / "docs" / "latency.md"
RECORD = Path(__file__).with_name("gate.json")
SETTINGS = BenchSettings(pairs=6, launches=2)
LIMITS: Limits = parse_limits(["3%"])
SLOWER, MORE = 1.05, 1.01
COUNTS = 6
ROUNDS = 200


@dataclass(frozen=True)
class Case:
    """A bundle that is gated against the original, and how often."""

    name: str
    bundle: Path
    gates: int


def main(arguments: Sequence[str]) -> None:
    """Make the bundles, gate them, count, write the record and the document's table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks gate", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "benchmarks" / "gate")
    parser.add_argument("--same", type=int, default=200)
    parser.add_argument("--slower", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args(arguments)
    build: Path = options.build
    original = small_bundle(build / "android-fp32")
    slower = by_time(original, build / "slower", SLOWER, SETTINGS)
    cases = (
        Case("same", original, options.same),
        Case("slower", slower, options.slower),
    )
    notes = build / "gates.jsonl"
    _interleave(cases, original, notes, 60 * options.minutes)
    record = {
        "machine": machine().to_json(),
        "settings": SETTINGS.to_json(),
        "limit": LIMITS.latency,
        "gates": {case.name: tally(_noted(notes, case.name)) for case in cases},
        "counts": counts(build),
        "overhead": overhead(original),
    }
    write_json(RECORD, record)
    text = between(DOCUMENT.read_text(encoding="utf-8"), "gate", table(record))
    write_whole(DOCUMENT, text.encode())
    sys.stdout.write(table(record))


def _interleave(cases: Sequence[Case], original: Path, notes: Path, seconds: float) -> None:
    """Gate in turns, so that a change of the machine's load hits every case."""
    baseline = notes.with_name("baseline.json")
    if not baseline.exists():
        gate_bundle(original, Gate(baseline=baseline, update=True), SETTINGS)
    left = {case.name: case.gates - len(_noted(notes, case.name)) for case in cases}
    wanted, end = {case.name: case.gates for case in cases}, time.perf_counter() + seconds
    while any(count > 0 for count in left.values()) and time.perf_counter() < end:
        # The one of which the larger share is missing.
        name = max(left, key=lambda key: left[key] / max(1, wanted[key]))
        left[name] -= 1
        bundle = next(case.bundle for case in cases if case.name == name)
        _note(notes, name, _one(bundle, original, baseline))


def _one(bundle: Path, original: Path, baseline: Path) -> dict[str, Any]:
    start = time.perf_counter()
    gate = Gate(baseline=baseline, against=original, limits=LIMITS)
    result = gate_bundle(bundle, gate, SETTINGS)
    assert result.gate is not None
    assert result.against is not None
    figures = {figure.name: figure.verdict for figure in result.gate.figures}
    against = result.against.to_json()
    return {
        "verdict": result.verdict,
        "figures": figures,
        "ratio": against["ratio"],
        "ci95": against["ci95"],
        "bootstrap95": against["bootstrap95"],
        "pairs": against["pairs"],
        "noise": result.noise.to_json(),
        "seconds": time.perf_counter() - start,
    }


def _note(notes: Path, name: str, found: dict[str, Any]) -> None:
    with notes.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"case": name, **found}) + "\n")
    print(name, found["verdict"], f"{found['ratio']:.4f}", found["pairs"], file=sys.stderr)


def _noted(notes: Path, name: str) -> list[dict[str, Any]]:
    if not notes.exists():
        return []
    lines = notes.read_text(encoding="utf-8").splitlines()
    return [found for found in map(json.loads, lines) if found["case"] == name]


def tally(gates: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum gates up."""
    ratios = [gate["ratio"] for gate in gates]
    return {
        "gates": len(gates),
        **{kind: _number(gates, kind) for kind in ("pass", "fail", "inconclusive")},
        "ratio": float(np.exp(np.mean(np.log(ratios)))),
        "pairs_median": statistics.median(gate["pairs"] for gate in gates),
        "pairs_most": max(gate["pairs"] for gate in gates),
        "pair_spread": statistics.median(gate["noise"]["pair_spread"] for gate in gates),
        "spread": statistics.median(gate["noise"]["spread"] for gate in gates),
        "noisy": sum(gate["noise"]["noisy"] for gate in gates),
        "seconds_median": statistics.median(gate["seconds"] for gate in gates),
    }


def _number(gates: Sequence[dict[str, Any]], kind: str) -> int:
    return sum(gate["verdict"] == kind for gate in gates)


def counts(build: Path) -> dict[str, Any]:
    """Count an int8 bundle several times, and another with 1% more instructions."""
    original = small_bundle(build / "android-int8", precision="int8")
    more = by_instructions(original, build / "more", MORE, SETTINGS)
    found: dict[str, Any] = {}
    for name, bundle in (("same", original), ("more", more)):
        path = build / f"counts-{name}.json"
        values = read_json(path) if path.exists() else []
        while len(values) < COUNTS:
            values.append(count_bundle(bundle, SETTINGS).instructions)
            write_json(path, values)
        found[name] = values
    changes = [value / found["same"][0] - 1 for value in found["same"][1:]]
    caught = [value / found["same"][0] - 1 for value in found["more"]]
    return {
        "same": {"counts": len(changes), "largest_change": max(map(abs, changes))},
        "more": {"counts": len(caught), "change": [min(caught), max(caught)]},
        "limit": LIMITS.instructions,
        "false_alarms": sum(change > LIMITS.instructions for change in changes),
        "caught": sum(change > LIMITS.instructions for change in caught),
    }


def overhead(bundle: Path) -> dict[str, Any]:
    """Compare the runner's timed loop with a bare one around the runtime's own call.

    Returns:
        milliseconds of a bare inference, and microseconds that the runner adds: medians over
        rounds in which both had a turn, with the 95% interval of the median.
    """
    from ai_edge_litert.interpreter import Interpreter

    manifest = read_manifest(bundle)
    array = next(iter(sample(bundle).values()))
    path = str(bundle / manifest.artifact)
    infer = SESSIONS[manifest.runner](path, ["image"], 1).ready([array])
    bare = Interpreter(model_path=path, num_threads=1)
    bare.allocate_tensors()
    bare.set_tensor(bare.get_input_details()[0]["index"], array)
    rows = np.array([_both(infer, bare.invoke) for _ in range(ROUNDS)])
    extra = np.sort(rows[:, 0] - rows[:, 1]) * 1e3
    # The ranks between which the median lies: normal approximation of the sign test.
    half = 0.98 * math.sqrt(ROUNDS)
    low, high = extra[int(ROUNDS / 2 - half)], extra[int(ROUNDS / 2 + half)]
    return {
        "bare_ms": float(np.median(rows[:, 1])),
        "extra_us": float(np.median(extra)),
        "ci95": [float(low), float(high)],
    }


def _both(infer: Callable[[], Any], bare: Callable[[], Any], runs: int = 20) -> tuple[float, float]:
    """Return what a run takes in the runner's loop and in a bare one, milliseconds.

    The whole loops are timed, so that the runner's own look at the clock is in it.
    """
    clock, times = time.perf_counter, []
    for loop in (lambda: timed(infer, runs), lambda: [bare() for _ in range(runs)]):
        loop()
        start = clock()
        loop()
        times.append((clock() - start) * 1e3 / runs)
    return times[0], times[1]


def table(record: dict[str, Any]) -> str:
    """Write what was found as Markdown."""
    lines = [
        "| what | gates | pass | fail | inconclusive | true ratio | pairs (median) | seconds |",
        "| :-- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    titles = {"same": "the same artifact", "slower": "with one more block"}
    for name, found in record["gates"].items():
        lines.append(
            f"| {titles[name]} | {found['gates']} | {found['pass']} | {found['fail']} | "
            f"{found['inconclusive']} | {found['ratio']:.4f} | {found['pairs_median']:.0f} | "
            f"{found['seconds_median']:.1f} |"
        )
    count, over = record["counts"], record["overhead"]
    same, more = count["same"], count["more"]
    low, high = more["change"]
    lines += [
        "",
        f"By instructions, limit {count['limit']:.1%}: {same['counts']} counts of the same "
        f"artifact differ by {same['largest_change']:.3%} at most, {count['false_alarms']} false "
        f"alarms; {more['counts']} counts of one with {low:.2%} to {high:.2%} more, "
        f"{count['caught']} caught.",
        "",
        f"The runner's loop adds {over['extra_us']:.1f} [{over['ci95'][0]:.1f}, "
        f"{over['ci95'][1]:.1f}] microseconds to an inference of {over['bare_ms']:.3f} ms.",
        "",
    ]
    return "\n".join(lines)
