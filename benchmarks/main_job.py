"""The main job in a fresh project: time, memory, figures; then once more with nothing to do."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.memory import PeakMemory

LIMITS = {"run_s": 300, "again_s": 5, "peak_mem_gib": 6}


def measure() -> dict[str, Any]:
    """Run `edgekit init` and `edgekit run` twice; seconds and GiB."""
    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        _edgekit("init", folder)
        run_s, peak, results = _watched(folder)
        again_s, _, _ = _watched(folder)
    return {
        "run_s": run_s,
        "again_s": again_s,
        "peak_mem_gib": peak / 2**30,
        "limits": LIMITS,
        "detectors": {row["name"]: row["metrics"] | row["slices"] for row in results["detectors"]},
        "bundles": {Path(row["path"]).name: _figures(row) for row in results["bundles"]},
    }


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    decision = row["verify"].get("decision")
    return {
        "evidence": row["evidence"],
        "size_bytes": row["size_bytes"],
        "verify": row["verify"]["verdict"],
        "bench": row["bench"]["verdict"],
        "auc": decision and decision["auc"],
        "flips": decision and decision["flips"],
        "p50_ms": row["bench"].get("p50_ms"),
        "against": row["bench"].get("against"),
    }


def _edgekit(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "edgekit", *arguments], check=True, capture_output=True)


def _watched(folder: str) -> tuple[float, int, dict[str, Any]]:
    """Run the project; return seconds, the peak memory of all its processes, and the results."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "edgekit", "run", folder, "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with PeakMemory(running.pid) as peak:
        out, _ = running.communicate()
        seconds = time.perf_counter() - start
    return seconds, peak.bytes, json.loads(out)
