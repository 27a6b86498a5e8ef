"""Time artifacts of one student in one process, in interleaved rounds.

    python -m benchmarks.compare.timing JOB RESULT

A shared machine drifts by more than what is to be measured. In every round each artifact has one
turn, in an order drawn anew; artifacts are compared round by round.

JOB holds {runtime, threads, input, images, artifacts: {name: path}, settings}; RESULT becomes
{name: median milliseconds of each round}. `turn.txt` beside it names the artifact whose turn it is,
so that a crash can be laid to it.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.runner.sessions import SESSIONS
from edgekit.devices.runner.timing import timed


@dataclass(frozen=True)
class Rounds:
    """How long to measure.

    Attributes:
        rounds: turns of each artifact.
        turn_ms: length of a turn; a turn has at least `least` runs.
        least: fewest timed runs in a turn.
        warm_ms: untimed runs before them, at least one: other artifacts' threads go to sleep and
            the caches fill.
        seed: of the orders.
    """

    rounds: int = 25
    turn_ms: float = 40.0
    least: int = 5
    warm_ms: float = 8.0
    seed: int = 0


def warm(session: Any, sample: list[NDArray[np.float32]], settings: Rounds) -> int:
    """Run untimed for a while; return how many timed runs fill a turn."""
    start, count = time.perf_counter(), 0
    while (time.perf_counter() - start) * 1e3 < settings.warm_ms or count == 0:
        session.run(sample)
        count += 1
    one_ms = (time.perf_counter() - start) * 1e3 / count
    return max(settings.least, round(settings.turn_ms / one_ms))


def times(
    sessions: dict[str, Any],
    sample: list[NDArray[np.float32]],
    settings: Rounds,
    turn: Callable[[str], Any],
) -> dict[str, list[float]]:
    """Return each artifact's median of every round, milliseconds; `turn` hears whose turn it is."""
    order, draw = list(sessions), random.Random(settings.seed)  # noqa: S311  (an order, no secret)
    found: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(settings.rounds):
        draw.shuffle(order)
        for name in order:
            turn(name)
            runs = warm(sessions[name], sample, settings)
            found[name].append(float(np.median(timed(sessions[name].ready(sample), runs))))
    return found


def main(arguments: list[str]) -> None:
    """Read the job, time, write the result."""
    job = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    sample = [np.array(np.load(job["images"], mmap_mode="r", allow_pickle=False)[:1])]
    result = Path(arguments[1])
    marker = result.with_name("turn.txt")
    loaded = {}
    for name, path in job["artifacts"].items():
        marker.write_text(name, encoding="utf-8")
        loaded[name] = SESSIONS[job["runtime"]](path, [job["input"]], job["threads"])
    settings = Rounds(**job["settings"])
    found = times(loaded, sample, settings, lambda name: marker.write_text(name, encoding="utf-8"))
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
