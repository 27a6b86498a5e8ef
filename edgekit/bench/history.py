"""Measurements over time: one JSON line each, and a picture of them beside the file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgekit.bench.trend import picture
from edgekit.errors import InputError
from edgekit.files import write_whole

_KEPT = ("bundle", "device", "evidence", "verdict", "p50_ms", "p90_ms", "p99_ms", "runtime")


def append(result: dict[str, Any], path: Path) -> None:
    """Add a result to a history; draw it anew as the same name with `.svg`.

    Args:
        result: as `run_gate` returns it.
        path: the file of JSON lines.

    Raises:
        InputError: when a line of the file is no JSON.
        OutputError: when the place cannot take it.
    """
    lines = [*read(path), line(result, datetime.now(UTC))]
    write_whole(path, "".join(json.dumps(entry) + "\n" for entry in lines).encode())
    same = [entry for entry in lines if entry["bundle"] == result["bundle"]]
    same = [entry for entry in same if entry["device"] == result["device"]]
    write_whole(path.with_suffix(".svg"), picture(same).encode())


def line(result: dict[str, Any], when: datetime) -> dict[str, Any]:
    """Return what is kept of a result."""
    measured = result["measured"]
    interval = _interval(result["samples"]["latency_ms"])
    return {
        "time": when.isoformat(timespec="seconds"),
        **{name: result[name] for name in _KEPT},
        "latency_ci95": interval,
        "processor": result["environment"].get("processor"),
        "figures": {name: found["value"] for name, found in measured.items()},
    }


def _interval(levels: list[float]) -> list[float]:
    """Return the interval of the processes' levels."""
    from edgekit.bench.noise import log_interval

    return list(log_interval(levels)) if len(levels) > 1 else [levels[0], levels[0]]


def read(path: Path) -> list[dict[str, Any]]:
    """Return a history's entries; none when there is no file.

    Raises:
        InputError: when a line is no entry.
    """
    if not path.exists():
        return []
    found = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(text)
            entry["bundle"], entry["device"], entry["latency_ci95"], entry["p50_ms"]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{path}: line {number} is no entry of a history", "Remove that line"
            ) from error
        found.append(entry)
    return found
