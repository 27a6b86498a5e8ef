"""Run a command in a process of its own and watch how much memory it takes."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import PeakMemory

ROOT = Path(__file__).parents[2]
# Threads are counted where the runtime is asked to; nothing else may start any.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Watched:
    """How a command ended.

    Attributes:
        code: exit status; negative for a signal.
        seconds: wall-clock time.
        peak_mem_bytes: largest resident size of the process and its children together.
        fault: one line when it did not end well, else None.
    """

    code: int
    seconds: float
    peak_mem_bytes: int
    fault: str | None


def run(command: Sequence[str], log: Path, timeout: float) -> Watched:
    """Run a command in the log's folder with this repository importable.

    Args:
        command: program and arguments.
        log: file that its output goes to.
        timeout: seconds after which it is ended.
    """
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    settings |= dict.fromkeys(THREADS, "1")
    start = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=settings,
            cwd=log.parent,
            start_new_session=True,
        )
    with PeakMemory(process.pid) as peak:
        fault = _wait(process, timeout)
    return Watched(process.returncode, time.perf_counter() - start, peak.bytes, fault)


def _wait(process: "subprocess.Popen[bytes]", timeout: float) -> str | None:
    """Wait for the end; say in one line when it was not a good one."""
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"ended after {timeout:g} s without a result"
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if code < 0:
        return f"crashed with {signal.Signals(-code).name}"
    return None if code == 0 else f"ended with exit status {code}"
