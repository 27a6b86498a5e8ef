"""Load one artifact in a process of its own, run it over the test images, note what it takes.

    python -m benchmarks.compare.probe RUNTIME ARTIFACT INPUT IMAGES FOLDER

FOLDER then holds `logits.npy` and `probe.json`. A crash takes nothing but this process with it.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.devices.runner.machine import peak_memory
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.files import save_array
from edgekit.runtimes import runtime_of

RUNS = 3  # before the memory is read: what a runtime allocates on first use is in it


def probe(runtime: str, artifact: str, name: str, images: Path, folder: Path) -> dict[str, Any]:
    """Load, run, measure; write the logits.

    Returns:
        load_ms, first_ms, peak_mem_bytes of the whole process, model_mem_bytes beyond what it took
        before the artifact was loaded, and the runtime's version.
    """
    samples = np.load(images, mmap_mode="r", allow_pickle=False)
    first = np.array(samples[:1])
    before = _imported(runtime)
    start = time.perf_counter()
    session = SESSIONS[runtime](artifact, [name], 1)
    loaded = time.perf_counter()
    session.run([first])
    ran = time.perf_counter()
    for _ in range(RUNS - 1):
        session.run([first])
    peak = peak_memory()
    rows = [session.run([np.array(samples[index : index + 1])]) for index in range(len(samples))]
    save_array(folder / "logits.npy", np.concatenate(rows).astype(np.float32))
    return {
        "load_ms": (loaded - start) * 1e3,
        "first_ms": (ran - loaded) * 1e3,
        "peak_mem_bytes": peak,
        "model_mem_bytes": peak - before,
        "runtime": session.version,
    }


def _imported(runtime: str) -> int:
    """Import the runtime, whose time and memory are not the artifact's; return the memory."""
    found = runtime_of(runtime)
    assert found is not None
    import_module(found.runs_with[0].module)
    return peak_memory()


def main(arguments: list[str]) -> None:
    """Parse, probe, write `probe.json`."""
    runtime, artifact, name, images, folder = arguments
    found = probe(runtime, artifact, name, Path(images), Path(folder))
    Path(folder, "probe.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
