"""What was measured of a bundle itself, as plain JSON values."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgekit.bench.take import Measured
from edgekit.devices.device import RunResult


def figures(measured: Measured) -> dict[str, Any]:
    """Return what was measured of the bundle itself, as plain JSON values."""
    launches, results = measured.launches, [pair.own for pair in measured.pairs]
    times = np.concatenate([result.times_ms for result in results])
    p50, p90, p99 = (float(value) for value in np.percentile(times, [50, 90, 99]))
    warmups = [result.timing.get("warmup", {}) for result in results]
    return {
        "p50_ms": p50,
        "p90_ms": p90,
        "p99_ms": p99,
        "throughput_per_s": 1e3 / float(times.mean()),
        "runs": len(times),
        "pairs": len(results),
        "threads": results[0].threads,
        "load_ms": median_of([launch.load_ms for launch in measured.launches]),
        "first_ms": median_of([launch.first_ms for launch in measured.launches]),
        "cold_start_ms": median_of(
            [launch.timing["cold_start_ms"] for launch in measured.launches]
        ),
        "peak_mem_bytes": max(launch.peak_mem_bytes for launch in measured.launches),
        "warmup_runs": median_of([warmup.get("runs", 0) for warmup in warmups]),
        "settled": sum(warmup.get("stable") is not False for warmup in warmups),
        "runtime": results[0].runtime,
        "environment": _environment(results),
        "samples": {
            "latency_ms": [pair.own_ms for pair in measured.pairs],
            "peak_mem_bytes": [launch.peak_mem_bytes for launch in launches],
            "other_peak_mem_bytes": [launch.peak_mem_bytes for launch in measured.others],
        },
    }


def median_of(values: Sequence[float]) -> float:
    """Return the median as a plain number."""
    return float(np.median(values))


def _environment(results: Sequence[RunResult]) -> dict[str, Any]:
    """Return the machine as the first process saw it, and its load at the end of the last."""
    after = results[-1].timing.get("load_average_after")
    return {**results[0].timing.get("environment", {}), "load_average_after": after}
