"""Run benchmarks and write their figures.

python -m benchmarks                 all of them, minutes
python -m benchmarks startup export  some of them
python -m benchmarks students        make the pictures and networks of the peer benchmark
python -m benchmarks auto            search their precision, minutes a student
python -m benchmarks peers           measure edgekit beside other quantizers on them, hours
python -m benchmarks gate            pass bundles through the latency gate, half an hour
python -m benchmarks limits          profile what was shipped, after `peers`
python -m benchmarks faults          plant damage in artifacts and see whether it is found
python -m benchmarks arithmetic      hold int8 artifacts against their graphs on this processor
python -m benchmarks runtimes        ONNX Runtime and OpenVINO side by side, minutes
python -m benchmarks shipped         search, ship and bench, twenty times on a busy machine
python -m benchmarks arm             count on emulated ARM cores, beside published times
python -m benchmarks arm-memory      and what they read, write and miss
python -m benchmarks arm-peers       count edgekit beside other quantizers there, an hour or two
python -m benchmarks arm-limits      what is expensive there, after `arm-peers`
python -m benchmarks as avx2 COMMAND run a command as on a processor without AVX-512 and VNNI
python -m benchmarks --out FILE      where the JSON goes, benchmarks/results.json otherwise
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    arithmetic,
    arm,
    arm_limits,
    arm_memory,
    auto,
    calibration_cost,
    corrections,
    devices,
    export_cost,
    gate,
    limits,
    main_job,
    make_students,
    runtimes,
    shipped,
    startup,
    verification_cost,
)
from benchmarks.compare import arm as arm_peers
from benchmarks.compare import command
from benchmarks.faults import measure as faults
from benchmarks.processors import show
from edgekit.files import write_json
from edgekit.machine import machine

BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {
    "startup": startup.measure,
    "main_job": main_job.measure,
    "export": export_cost.measure,
    "calibration": calibration_cost.measure,
    "verification": verification_cost.measure,
    "devices": devices.measure,
}
COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "students": make_students.main,
    "arm": arm.main,
    "arm-memory": arm_memory.main,
    "arm-limits": arm_limits.main,
    "auto": auto.main,
    "peers": command.main,
    "arm-peers": arm_peers.main,
    "gate": gate.main,
    "limits": limits.main,
    "corrections": corrections.main,
    "faults": faults.main,
    "arithmetic": arithmetic.main,
    "runtimes": runtimes.main,
    "shipped": shipped.main,
    "as": show.main,
}
RESULTS = Path(__file__).with_name("results.json")


def main(arguments: list[str]) -> None:
    """Parse, measure one after the other, write what is done after each."""
    if arguments and arguments[0] in COMMANDS:
        COMMANDS[arguments[0]](arguments[1:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    results: dict[str, Any] = {}
    if options.out.exists():
        results = json.loads(options.out.read_text(encoding="utf-8"))
    for name in options.names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results[name] = {"machine": machine().to_json(), **BENCHMARKS[name]()}
        print(json.dumps({name: results[name]}, indent=2), flush=True)
        write_json(options.out, results)


if __name__ == "__main__":
    main(sys.argv[1:])
