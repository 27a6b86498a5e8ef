"""Have a peer make its artifact, unless the same one is there already."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.environments import Environment, environment_of
from benchmarks.peers.peer import Peer, Task
from benchmarks.peers.watch import ROOT, run
from edgekit.files import write_json
from edgekit.hashes import sha256_file, sha256_json
from edgekit.steps.key import code_of


@dataclass(frozen=True)
class Made:
    """What a peer left.

    Attributes:
        peer: who made it.
        path: the artifact; None when there is none.
        record: seconds, cpu_seconds, peak_mem_bytes, images and versions, or error with one line.
    """

    peer: Peer
    path: Path | None
    record: dict[str, Any]


def make(peer: Peer, task: Path, content: Task, folder: Path, environments: Path) -> Made:
    """Make a peer's artifact in `folder`; a failure is a record with its reason, too.

    Args:
        peer: who makes it.
        task: the file `task.json`.
        content: what it holds.
        folder: holds nothing but this artifact and its record; replaced.
        environments: folder of the environments.
    """
    place = environment_of(peer, environments)
    key = _key(peer, content, place)
    record = None if peer.copy else _known(folder, key)
    if record is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fault = content.faults.get(peer.runtime)
        found = {"error": fault} if fault else _run(peer, task, folder, place)
        record = {**found, "key": key}
        write_json(folder / "record.json", record)
    return Made(peer, None if "error" in record else folder / peer.artifact, record)


def _key(peer: Peer, task: Task, place: Environment) -> str:
    """Name all that the artifact depends on."""
    source = ROOT / f"{peer.module.replace('.', '/')}.py"
    code = dict(code_of(peer.code).files)
    needed = {name: place.versions.get(name) for name in peer.packages}
    given = [task.sha256, task.contents.get(peer.runtime), peer.runtime, peer.name]
    return sha256_json([given, sha256_file(source), code, needed, place.reason])


def _known(folder: Path, key: str) -> dict[str, Any] | None:
    path = folder / "record.json"
    if not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record if record["key"] == key else None


def _run(peer: Peer, task: Path, folder: Path, place: Environment) -> dict[str, Any]:
    if place.python is None:
        return {"error": place.reason}
    command = [
        *(str(place.python), "-m", "benchmarks.peers.work"),
        *(peer.module, peer.runtime, peer.name, str(task), str(folder)),
    ]
    ended = run(command, folder / "log.txt", peer.timeout)
    if ended.fault:
        return {"error": ended.fault}
    record: dict[str, Any] = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    if "error" not in record:
        record["peak_mem_bytes"] = max(record["peak_mem_bytes"], ended.peak_mem_bytes)
    return record
