"""Start `probe.py` in a process of its own, and turn the ways it can end into errors."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.process import finish
from edgekit.search.probe import NOT_HERE, Job

COMMAND = (sys.executable, "-m", "edgekit.search.probe")


def probe(job: Job, timeout_s: float) -> tuple[NDArray[np.float32], list[list[float]]]:
    """Run a job.

    Args:
        job: without its `out`.
        timeout_s: when to give up, seconds.

    Returns:
        the last artifact's logits, float32 [N, C], and for each artifact one time per round,
        milliseconds.

    Raises:
        UnavailableError: when the runtime does not run here.
        EdgekitError: when the runtime refuses an artifact, crashes or hangs.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        path = Path(scratch, "job.json")
        path.write_text(json.dumps({**asdict(job), "out": scratch}), encoding="utf-8")
        _start([*COMMAND, str(path)], timeout_s)
        logits = np.load(Path(scratch, "logits.npy"), allow_pickle=False)
        return logits, json.loads(Path(scratch, "times.json").read_text(encoding="utf-8"))


def _start(command: list[str], timeout_s: float) -> None:
    hang = EdgekitError(f"the runtime took more than {timeout_s:g} s", "It may hang")
    ended = finish(command, timeout_s, hang)
    if ended.signal:
        raise EdgekitError(f"the runtime crashed with {ended.signal}", "The search leaves it out")
    if ended.code:
        last = ended.last_line("no message")
        if ended.code == NOT_HERE:
            raise UnavailableError(f"cannot search here: {last}", "See edgekit doctor")
        raise EdgekitError(f"the runtime refuses it: {last[:300]}", "The search leaves it out")
