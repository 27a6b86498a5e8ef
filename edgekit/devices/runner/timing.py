"""How long an inference takes: warm-ups, blocks, batches, and a run without a pause."""

import math
import time
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

UNTIL_STABLE = -1  # for `--warmup`
WINDOWS = 5  # that must agree before times count as settled
SPREAD = 0.02  # how far they may vary: standard deviation over mean
WINDOW_NS = 4e6  # length of a window
LONGEST_NS = 1e9  # a warm-up that has not settled by then is given up
QUADS = 5  # rounds A B B A of a pair
LEAD = 3  # untimed runs at the start of each block: the other artifact emptied the caches
BIN_S = 1.0  # of a sustained run, one median each

Infer = Callable[[], Any]


def timed(infer: Infer, runs: int) -> List[float]:
    """Return the time of each of `runs` runs, milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        infer()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def warm_up(infer: Infer, runs: int) -> Dict[str, Any]:
    """Run untimed, so many times or until the times have settled.

    Settled is when the medians of the last five windows vary by at most 2% (standard deviation
    over mean), as Georges, Buytaert and Eeckhout ask of the last iterations ("Statistically
    rigorous Java performance evaluation", OOPSLA 2007). After 1 s a machine that never settles is
    given up on.

    Returns:
        how many runs it took, and whether the times had settled; None where nobody looked.
    """
    if runs != UNTIL_STABLE:
        for _ in range(runs):
            infer()
        return {"runs": runs, "stable": None}
    begin = time.perf_counter_ns()
    infer()
    infer()
    length = max(1, math.ceil(2 * WINDOW_NS / max(1, time.perf_counter_ns() - begin)))
    medians = []  # type: List[float]
    while True:
        medians.append(float(np.median(timed(infer, length))))
        last, total = np.array(medians[-WINDOWS:]), 2 + length * len(medians)
        if len(last) == WINDOWS and last.std(ddof=1) <= SPREAD * last.mean():
            return {"runs": total, "stable": True}
        if len(last) == WINDOWS and time.perf_counter_ns() - begin > LONGEST_NS:
            return {"runs": total, "stable": False}


def measure_duet(own: Infer, other: Infer, warmup: int, runs: int, swap: bool) -> Dict[str, Any]:
    """Time two artifacts in one process, in blocks A B B A, so that a drift hits both alike.

    Args:
        own: one inference of the artifact in question.
        other: one of the artifact that it is held against.
        warmup: see `warm_up`.
        runs: timed runs of each.
        swap: the other one has the first and the last block of each round.

    Returns:
        `own` and `other`: two blocks a round of times in milliseconds; and the own `warmup`.
    """
    warmed = [warm_up(infer, warmup) for infer in (own, other)]
    blocks = {"own": [], "other": []}  # type: Dict[str, List[List[float]]]
    order = ("other", "own", "own", "other") if swap else ("own", "other", "other", "own")
    rounds = max(1, min(QUADS, runs // 2))
    sizes = [len(part) for part in np.array_split(np.arange(runs), 2 * rounds)]
    for index in range(rounds):
        for turn, name in enumerate(order):
            infer = own if name == "own" else other
            timed(infer, LEAD)
            half = sum(name == earlier for earlier in order[:turn])
            blocks[name].append(timed(infer, max(1, sizes[2 * index + half])))
    return {**blocks, "warmup": warmed[0]}


def measure_batch(
    session: Any, sample: Sequence[np.ndarray], batch: int, runs: int
) -> Dict[str, Any]:
    """Time several samples at once, or say why the artifact does not take them."""
    try:
        if hasattr(session, "resize"):
            session.resize(batch)
        infer = session.ready([np.repeat(array, batch, axis=0) for array in sample])
        warm_up(infer, UNTIL_STABLE)
    except Exception as error:  # each runtime has its own way to refuse a shape
        return {"size": batch, "error": str(error).splitlines()[0][:300]}
    return {"size": batch, "times_ms": timed(infer, runs)}


def measure_sustained(infer: Infer, seconds: float) -> List[List[float]]:
    """Run without a pause; one row per second: seconds since the start, median ms, runs."""
    rows = []  # type: List[List[float]]
    times = []  # type: List[float]
    start = bin_start = time.perf_counter()
    while True:
        times += timed(infer, 1)
        now = time.perf_counter()
        if now - bin_start >= min(BIN_S, seconds / 20):
            rows.append([now - start, float(np.median(times)), len(times)])
            bin_start, times = now, []
        if now - start >= seconds:
            return rows
