"""Environments of peers that do not fit edgekit's: made once, failures remembered."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import Peer
from edgekit.files import write_json

TIMEOUT = 1800


@dataclass(frozen=True)
class Environment:
    """Where a peer runs.

    Attributes:
        python: its interpreter; None when it could not be made.
        versions: what is installed, by distribution.
        reason: why it could not be made, one line.
    """

    python: Path | None
    versions: dict[str, str]
    reason: str = ""


def environment_of(peer: Peer, folder: Path) -> Environment:
    """Return a peer's environment, made now when it is not there yet.

    Args:
        peer: what it is for.
        folder: all environments lie below it; remove one to have it made again.
    """
    if not peer.requirements:
        return Environment(Path(sys.executable), _installed())
    place = (folder / (peer.environment or peer.name)).absolute()
    record = _read(place / "environment.json")
    if record.get("requirements") != list(peer.requirements):
        _make(place, peer.requirements)
        record = _read(place / "environment.json")
    if record["reason"]:
        return Environment(None, {}, record["reason"])
    return Environment(place / "bin" / "python", record["versions"])


def _installed() -> dict[str, str]:
    return {found.metadata["Name"].lower(): found.version for found in distributions()}


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _make(place: Path, requirements: tuple[str, ...]) -> None:
    """Make a virtual environment in its final place, because its scripts hold its path."""
    shutil.rmtree(place, ignore_errors=True)
    reason, versions = "", {}
    try:
        _run([sys.executable, "-m", "venv", "--without-pip", str(place)])
        pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python")]
        _run([*pip, "install", "--disable-pip-version-check", *requirements])
        listed = _run([*pip, "list", "--format=json"])
        versions = {row["name"].lower(): row["version"] for row in json.loads(listed)}
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        reason = _reason(error)
    write_json(
        place / "environment.json",
        {"requirements": list(requirements), "versions": versions, "reason": reason},
    )


def _run(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT)
    return done.stdout


def _reason(error: Exception) -> str:
    """Return pip's own words in one line."""
    lines = str(getattr(error, "stderr", None) or error).strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return f"not installed: {errors[0]}"[:300]
