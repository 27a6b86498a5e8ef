"""The process that tries artifacts, so that one that crashes takes nothing else with it.

    python -m edgekit.search.probe JOB.json

The job names artifacts, arrays to run and how often to time them in turns. The logits of the last
artifact and the times of all go to files in the job's folder. Exit code 3: the runtime is not
installed here.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.runner import SESSIONS, NotHereError

NOT_HERE = 3


@dataclass(frozen=True)
class Job:
    """What to try.

    Attributes:
        runner: which of the runner's sessions executes the artifacts.
        artifacts: their paths; the logits are those of the last.
        inputs: `.npy` files, float32 [N, ...] each.
        names: of the inputs.
        threads: of the runtime.
        rounds: how often they are timed in turns.
        runs: inferences in each turn, of which the fastest counts.
        out: folder for what came out.
    """

    runner: str
    artifacts: list[str]
    inputs: list[str]
    names: list[str]
    threads: int
    rounds: int
    runs: int
    out: str = ""


def main() -> None:
    """Run the job named on the command line."""
    try:
        _run(Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    except NotHereError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NOT_HERE)


def _run(job: Job) -> None:
    samples = [np.load(path, mmap_mode="r") for path in job.inputs]
    sessions = [
        SESSIONS[job.runner](artifact, job.names, job.threads) for artifact in job.artifacts
    ]
    out = Path(job.out)
    np.save(out / "logits.npy", _logits(sessions[-1], samples))
    # With one thread, what other processes take of the processor is no part of the artifact.
    clock = time.thread_time if job.threads == 1 else time.perf_counter
    times = _times(sessions, samples, job.rounds, job.runs, clock)
    (out / "times.json").write_text(json.dumps(times), encoding="utf-8")


def _logits(session: Any, samples: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    rows = [
        session.run([np.ascontiguousarray(array[index : index + 1]) for array in samples])
        for index in range(len(samples[0]))
    ]
    return np.concatenate(rows)


def _times(
    sessions: list[Any],
    samples: list[NDArray[np.float32]],
    rounds: int,
    runs: int,
    clock: Callable[[], float],
) -> list[list[float]]:
    """Time the artifacts in turns; the best of `runs` in each round, milliseconds."""
    first = [np.ascontiguousarray(array[:1]) for array in samples]
    inferences = [session.ready(first) for session in sessions]
    times: list[list[float]] = [[] for _ in sessions]
    order = np.random.default_rng(0)
    for _ in range(rounds):
        for index in order.permutation(len(sessions)):
            inferences[index]()  # brings its weights into the caches again
            times[index].append(min(_once(inferences[index], clock) for _ in range(runs)))
    return times


def _once(infer: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    infer()
    return (clock() - start) * 1e3


if __name__ == "__main__":
    main()
