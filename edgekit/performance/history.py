"""Measurements over time: one JSON line each, and a picture of them beside the file."""

import json
from datetime import UTC, datetime
from pathlib import Path

from edgekit.errors import InputError
from edgekit.files import write_whole
from edgekit.performance.noise import log_interval
from edgekit.performance.trend import Entry, picture
from edgekit.results.measurement import Measurement
from edgekit.verdict import Interval


def append(result: Measurement, path: Path) -> None:
    """Add a result to a history; draw it anew as the same name with `.svg`.

    Args:
        result: as `run_gate` returns it.
        path: the file of JSON lines; what stands there stays as it is.

    Raises:
        InputError: when a line of the file is no entry.
        OutputError: when the place cannot take it.
    """
    new = entry(result, datetime.now(UTC))
    entries, before = [*read(path), new], _text(path)
    write_whole(path, f"{before}{json.dumps(new.to_json())}\n".encode())
    same = [each for each in entries if (each.bundle, each.device) == (new.bundle, new.device)]
    write_whole(path.with_suffix(".svg"), picture(same).encode())


def entry(result: Measurement, when: datetime) -> Entry:
    """Return what is kept of a result."""
    return Entry(
        time=when.isoformat(timespec="seconds"),
        bundle=result.bundle,
        device=result.device,
        evidence=result.evidence,
        verdict=result.verdict,
        p50_ms=result.p50_ms,
        p90_ms=result.p90_ms,
        p99_ms=result.p99_ms,
        runtime=result.runtime,
        latency_ci95=_interval(result.samples.latency_ms),
        processor=result.processor,
        figures={name: found.value for name, found in result.measured.items()},
    )


def _interval(levels: tuple[float, ...]) -> Interval:
    """Return the interval of the processes' levels."""
    return log_interval(levels) if len(levels) > 1 else (levels[0], levels[0])


def _text(path: Path) -> str:
    """Return what stands in a file, its last line ended; nothing where there is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text if text.endswith("\n") or not text else f"{text}\n"


def read(path: Path) -> list[Entry]:
    """Return a history's entries; none when there is no file.

    Raises:
        InputError: when a line is no entry.
    """
    lines = _text(path).splitlines()
    return [_entry(path, number, line) for number, line in enumerate(lines, start=1)]


def _entry(path: Path, number: int, line: str) -> Entry:
    try:
        return Entry.from_json(json.loads(line), path)
    except (ValueError, InputError) as error:
        raise InputError(
            f"{path}: line {number} is no entry of a history", "Remove that line"
        ) from error
