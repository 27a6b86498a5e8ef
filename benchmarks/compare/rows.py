"""Measure one student: every peer's artifact becomes one row of plain JSON values."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare import decisions
from benchmarks.compare.latency import latencies, median, ratios
from benchmarks.compare.subject import Subject
from benchmarks.compare.timing import Rounds
from benchmarks.peers.make import Made, make
from benchmarks.peers.peer import SUFFIXES, Peer
from benchmarks.peers.watch import run
from benchmarks.peers.work import without_places
from edgekit.errors import EdgekitError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_file, sha256_json

TIMEOUT = 3600.0
BASELINE = "fp32"
Row = dict[str, Any]
Say = Callable[[str], None]


def judged(
    subject: Subject, peers: Sequence[Peer], environments: Path, say: Say
) -> dict[str, list[Row]]:
    """Make, probe and judge the artifacts of one student.

    Args:
        subject: the student.
        peers: who makes artifacts.
        environments: folder of the peers' own environments.
        say: told what is being done.

    Returns:
        the rows of each runtime, in the order of the peers.
    """
    found: dict[str, list[Row]] = {}
    for peer in peers:
        say(f"{subject.task.student}: {peer.runtime} {peer.name}")
        folder = subject.folder.parent / peer.runtime / peer.name
        made = make(peer, subject.folder / "task.json", subject.task, folder, environments)
        found.setdefault(peer.runtime, []).append(row(subject, made))
    return found


def measure(
    subject: Subject,
    peers: Sequence[Peer],
    environments: Path,
    settings: Rounds,
    threads: Sequence[int],
    say: Say,
) -> dict[str, list[Row]]:
    """Make, probe, judge and time the artifacts of one student; see `judged`.

    Args:
        subject: the student.
        peers: who makes artifacts.
        environments: folder of the peers' own environments.
        settings: of the timing.
        threads: of the runtime; each number is measured by itself.
        say: told what is being done.
    """
    found = judged(subject, peers, environments, say)
    for runtime, rows in found.items():
        for count in threads:
            say(f"{subject.task.student}: {runtime} timing, {count} thread{'s' * (count > 1)}")
            _time(subject, runtime, rows, settings, count)
    return found


def row(subject: Subject, made: Made) -> Row:
    """Describe one artifact, probed and judged; `error` says why there is nothing to describe."""
    start: Row = {"peer": made.peer.name, "own": made.peer.own, "error": None, "latency": {}}
    if made.path is None:
        return start | {"error": without_places(made.record["error"]), "within_budget": False}
    files = sorted(made.path.parent.glob("model*"))
    about = {
        "sha256": sha256_json([sha256_file(file) for file in files]),
        "size_bytes": sum(file.stat().st_size for file in files),
        "made": {key: value for key, value in made.record.items() if key != "key"},
    }
    fault = _probe(subject, made, str(about["sha256"]))
    if fault:
        return start | about | {"error": fault, "within_budget": False}
    folder = made.path.parent
    logits = np.load(folder / "logits.npy", allow_pickle=False)
    probed = {key: value for key, value in read_json(folder / "probe.json").items() if key != "key"}
    try:
        return start | about | probed | decisions.compare(subject, logits)
    except EdgekitError as error:
        return start | about | probed | {"error": error.what, "within_budget": False}


def _probe(subject: Subject, made: Made, content: str) -> str | None:
    """Run the artifact in a process of its own unless that is done; say what went wrong."""
    assert made.path is not None
    folder, key = made.path.parent, sha256_json([content, subject.key])
    result = folder / "probe.json"
    if result.is_file() and read_json(result).get("key") == key:
        return None
    result.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "benchmarks.compare.probe", made.peer.runtime, str(made.path)),
        *(subject.task.input, str(subject.images), str(folder)),
    ]
    ended = run(command, folder / "probe.txt", TIMEOUT)
    if ended.fault:
        return f"{made.peer.runtime}: {_last_line(folder / 'probe.txt', ended.fault)}"
    write_json(result, {**read_json(result), "key": key})
    return None


def _last_line(log: Path, fault: str) -> str:
    """Return what an exception said, or how the process ended when it said nothing."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = bool(lines) and "status" in fault
    return without_places(lines[-1])[:300] if said else fault


def _time(subject: Subject, runtime: str, rows: list[Row], settings: Rounds, threads: int) -> None:
    """Add each row's latency; equal artifacts are timed once and are exactly as fast."""
    whole = [row for row in rows if row["error"] is None]
    first = {row["sha256"]: row["peer"] for row in reversed(whole)}
    base = subject.folder.parent / runtime
    suffix = SUFFIXES[runtime]  # type: ignore[index]
    job = {
        "runtime": runtime,
        "threads": threads,
        "input": subject.task.input,
        "images": str(subject.images),
    }
    artifacts = {name: base / name / f"model{suffix}" for name in first.values()}
    times, faults = latencies(job, artifacts, settings, base / f"timing-{threads}")
    shared = {row["peer"]: first[row["sha256"]] for row in whole}
    times |= {name: times[same] for name, same in shared.items() if same in times}
    for row in whole:
        name = row["peer"]
        if name not in times:
            row["error"] = faults[shared[name]]
            continue
        others = [other["peer"] for other in whole] if row["own"] else [BASELINE]
        row["latency"][str(threads)] = {
            "p50_ms": median(times[name]),
            "ratios": ratios(times, name, others),
        }
