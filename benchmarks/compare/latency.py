"""Latency of all artifacts of a student in one runtime, in one process, compared in pairs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare.timing import Rounds
from benchmarks.paired import paired_ratio
from benchmarks.peers.watch import run
from edgekit.files import write_json
from edgekit.results.ratio import Ratio

TIMEOUT = 3600.0
Times = dict[str, list[float]]


def latencies(
    job: dict[str, Any], artifacts: dict[str, Path], settings: Rounds, folder: Path
) -> tuple[Times, dict[str, str]]:
    """Time artifacts in interleaved rounds; one that crashes is left out and the rest goes on.

    Args:
        job: runtime, threads, input and images, as `timing.py` reads them.
        artifacts: paths by name; their own files, so that equal ones are to be given once.
        settings: how long.
        folder: for the job, its result and its log.

    Returns:
        the medians of each round in milliseconds, and why an artifact has none, by name.
    """
    left, faults = dict(artifacts), dict[str, str]()
    folder.mkdir(parents=True, exist_ok=True)
    result, turn = folder / "times.json", folder / "turn.txt"
    while left:
        paths = {name: str(path) for name, path in left.items()}
        write_json(folder / "job.json", {**job, "artifacts": paths, "settings": asdict(settings)})
        result.unlink(missing_ok=True)
        turn.write_text("", encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.compare.timing", "job.json", str(result)]
        ended = run(command, folder / "log.txt", TIMEOUT)
        if ended.fault is None:
            return json.loads(result.read_text(encoding="utf-8")), faults
        culprit = turn.read_text(encoding="utf-8")
        if culprit not in left:
            return {}, {**faults, **dict.fromkeys(left, f"timing {ended.fault}")}
        faults[culprit] = f"timing {ended.fault}"
        del left[culprit]
    return {}, faults


def ratios(times: Times, name: str, others: Sequence[str]) -> dict[str, Any]:
    """Compare one artifact with others, round by round; plain JSON values by name."""
    return {
        other: to_json(paired_ratio(times[name], times[other]))
        for other in others
        if other != name and other in times
    }


def to_json(ratio: Ratio) -> dict[str, float]:
    """Return plain JSON values."""
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high, "pairs": ratio.pairs}


def median(times: Sequence[float]) -> float:
    """Return the median over the rounds, milliseconds."""
    return float(np.median(times))
