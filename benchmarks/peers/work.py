"""Let one peer make its artifact, in the peer's own environment, on one core.

    python -m benchmarks.peers.work MODULE RUNTIME PEER TASK FOLDER

FOLDER then holds the artifact and `made.json`: seconds on the clock and on the processor, largest
memory of this process in bytes, calibration images and versions; or {"error": one line}.
"""

import json
import os
import re
import sys
import time
import traceback
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import Peer, Task, peer_of, read_task


def one_core() -> None:
    """Keep to one core, so that times of making do not depend on how many threads a peer starts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def peak_memory() -> int:
    """Return this process's largest resident size, bytes; 0 where it cannot be read."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the installed versions of distributions."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def made(peer: Peer, task: Task, folder: Path) -> dict[str, Any]:
    """Run the peer and describe what it did."""
    path = folder / peer.artifact
    for name in peer.imports:
        import_module(name)
    start, busy = time.perf_counter(), sum(os.times()[:4])
    images = peer.make(task, path)
    seconds, cpu_seconds = time.perf_counter() - start, sum(os.times()[:4]) - busy
    if not path.is_file():
        raise FileNotFoundError(f"{peer.name} ended without an artifact")
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mem_bytes": peak_memory(),
        "images": images,
        "versions": versions(peer.packages),
    }


def first_line(error: BaseException) -> str:
    """Say an exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return without_places(f"{type(error).__name__}: {lines[0] if lines else ''}")[:300]


def without_places(text: str) -> str:
    """Cut the folders that a package is installed in out of a message; they are this machine's."""
    return re.sub(r"(/[^\s/:]+)+/(?:site|dist)-packages/", "", text)


def main(arguments: list[str]) -> None:
    """Parse, make, write `made.json`."""
    module, runtime, name, task, folder = arguments
    one_core()
    try:
        result = made(peer_of(module, runtime, name), read_task(Path(task)), Path(folder))
    except Exception as error:  # whatever a foreign tool raises is what the table must say
        traceback.print_exc()
        result = {"error": first_line(error)}
    Path(folder, "made.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
