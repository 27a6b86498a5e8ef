"""Measurements over time: one JSON line each, and a picture of their latencies beside the file."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from pydantic import Field

from edgekit.drawing.axis import Axis
from edgekit.drawing.grid import grid
from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.files import write_whole
from edgekit.performance.ratio import log_interval
from edgekit.record import Record
from edgekit.results.measurement import Measurement
from edgekit.verdict import Interval, Verdict

WIDTH, HEIGHT = 760, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 744, 34, 264
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#1b2027}.grid{stroke:#e4e7ea}"
    ".frame,.line,.bar{fill:none;stroke:#5a6570}.bar{stroke:#9aa5b0;stroke-width:3}"
    ".pass{fill:#2c7a54}.fail{fill:#c43e2c}.inconclusive{fill:#c98a1b}"
    ".unavailable{fill:#9aa5b0}</style>"
)


class Entry(Record):
    """What a history keeps of one measurement.

    Attributes:
        time: when it was made, ISO 8601.
        bundle, device, evidence, verdict, runtime: as in `Measurement`.
        p50_ms, p90_ms, p99_ms: latency, milliseconds.
        latency_ci95: 95% interval of the processes' levels, milliseconds.
        processor: its name.
        figures: value of everything that a gate would compare.
    """

    time: str
    bundle: str
    device: str
    evidence: Evidence
    verdict: Verdict
    p50_ms: float
    p90_ms: float | None = None
    p99_ms: float | None = None
    runtime: str | None = None
    latency_ci95: Interval
    processor: object = None
    figures: dict[str, int | float] = Field(default_factory=dict)


def append(result: Measurement, path: Path) -> None:
    """Add a result to a history; draw it anew as the same name with `.svg`.

    Args:
        result: as `gate_bundle` returns it.
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


def picture(entries: Sequence[Entry]) -> str:
    """Draw a history.

    Args:
        entries: at least one, in the order of time; see `entry`.

    Returns:
        an SVG document: the median latency of each measurement, with the interval of its processes;
        the colour is the verdict.
    """
    highest = max(max(entry.p50_ms, entry.latency_ci95[1]) for entry in entries)
    across = _Whole(0.5, max(2, len(entries)) + 0.5, _LEFT, _RIGHT)
    upward = Axis(0.0, highest * 1.15, _BOTTOM, _TOP)
    title = f"{entries[-1].bundle} on {entries[-1].device}"
    places = [across.place(number) for number in range(1, len(entries) + 1)]
    parts = [
        grid(across, upward, "Measurement", "Latency p50, ms"),
        f'<text x="{_LEFT}" y="20">{escape(title)}</text>',
        f'<path class="line" d="{_path(entries, places, upward)}"/>',
        *[_mark(entry, x, upward) for entry, x in zip(entries, places, strict=True)],
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Latency of {escape(title)} over time">{_STYLE}'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


class _Whole(Axis):
    """An axis of counted things: its ticks are whole numbers."""

    def ticks(self) -> list[tuple[float, str]]:
        last = int(self.high)
        step = max(1, -(-last // 10))
        return [(number, str(number)) for number in range(1, last + 1, step)]


def _path(entries: Sequence[Entry], places: Sequence[float], upward: Axis) -> str:
    points = [
        f"{x:.1f} {upward.place(entry.p50_ms):.1f}"
        for entry, x in zip(entries, places, strict=True)
    ]
    return "M" + "L".join(points)


def _mark(entry: Entry, x: float, upward: Axis) -> str:
    low, high = (upward.place(value) for value in entry.latency_ci95)
    about = f"{entry.time}: {entry.p50_ms:.3f} ms, {entry.verdict}"
    return (
        f'<path class="bar" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
        f'<circle class="{entry.verdict}" cx="{x:.1f}" cy="{upward.place(entry.p50_ms):.1f}" r="5">'
        f"<title>{escape(about)}</title></circle>"
    )
