"""What a runner does with a bundle, in this order: run every sample, time the first, profile."""

import argparse
import os
import platform
import time
from typing import Any, Dict, List, Sequence

import numpy as np

from .errors import NotHereError
from .inputs import load, manifest_of, place_of, sample_of
from .machine import environment, peak_memory, process_age_ms
from .sessions import session_named
from .timing import Infer, measure_batch, measure_duet, measure_sustained, timed, warm_up


def execute(options: argparse.Namespace) -> Dict[str, Any]:
    """Load the artifact and do what is asked; write what it gives, and return the rest."""
    before = environment()
    other = _other(options) if options.against and options.swap else None
    start = time.perf_counter()
    given = (options.bundle, options.inputs, options.threads, options.plain, options.tap)
    session, arrays = load(*given)
    loaded = time.perf_counter()
    first = run_all(session, arrays, options)
    traits = session.traits() if hasattr(session, "traits") else {}
    timing = {"environment": {**before, **traits}, "cold_start_ms": first["cold_start_ms"]}
    timing.update(time_first(session, sample_of(arrays, 0), other, options))
    return {
        "runtime": session.version,
        "inputs": session.inputs(),
        "samples": len(arrays[0]),
        "load_ms": (loaded - start) * 1e3,
        "first_ms": (first["at"] - loaded) * 1e3,
        "times_ms": timing.pop("times_ms"),
        "peak_mem_bytes": timing.pop("peak_mem_bytes"),
        "timing": {**timing, "load_average_after": environment()["load_average"]},
        "threads": options.threads,
        "machine": platform.machine(),
        "system": platform.system(),
        "kernels": profiled(options) if options.profile else [],
    }


def run_all(
    session: Any, arrays: Sequence[np.ndarray], options: argparse.Namespace
) -> Dict[str, float]:
    """Run every sample once; write the logits, and the taps where there are any.

    Returns:
        when the first sample was done, and how old the process was then.
    """
    rows, taps = [], []  # type: List[np.ndarray], List[List[np.ndarray]]
    first = {}  # type: Dict[str, float]
    for index in range(len(arrays[0])):
        rows.append(session.run(sample_of(arrays, index)))
        first = first or {"at": time.perf_counter(), "cold_start_ms": process_age_ms()}
        if options.tap:
            taps.append(session.tapped())
    logits = np.concatenate(rows).astype(np.float32)
    np.save(os.path.join(options.outputs, "logits.npy"), logits)
    if options.tap:
        found = [np.concatenate(tensors) for tensors in zip(*taps)]
        np.savez(os.path.join(options.outputs, "trace.npz"), *found)
    return first


def time_first(
    session: Any, sample: Sequence[np.ndarray], other: Any, options: argparse.Namespace
) -> Dict[str, Any]:
    """Time the first sample: alone or in turns, without a pause, several at once."""
    infer = session.ready(sample)  # type: Infer
    found = {}  # type: Dict[str, Any]
    if options.against:
        other = other or _other(options)
        pair = measure_duet(infer, other, options.warmup, options.runs, options.swap)
        times = [value for block in pair["own"] for value in block]
        found.update(pair=pair, warmup=pair.pop("warmup"), times_ms=times)
    else:
        found["warmup"] = warm_up(infer, options.warmup)
        found["times_ms"] = timed(infer, options.runs)
    if options.sustained:
        found["sustained"] = measure_sustained(infer, options.sustained)
    found["peak_mem_bytes"] = peak_memory()
    if options.batch > 1:
        found["batch"] = measure_batch(session, sample, options.batch, options.runs)
    return found


def profiled(options: argparse.Namespace) -> List[Dict[str, Any]]:
    """Return what the runtime's own profiler says of the artifact."""
    manifest = manifest_of(options.bundle)
    kind = session_named(manifest["runner"])
    if not hasattr(kind, "profile"):
        raise NotHereError(f"session {manifest['runner']} has no profiler")
    runs = {"runs": options.profile_runs} if options.profile_runs else {}
    return list(kind.profile(*place_of(options.bundle, manifest), options.threads, **runs))


def _other(options: argparse.Namespace) -> Infer:
    """Load the bundle that this one is held against, on its own first golden sample."""
    inputs = os.path.join(options.against, "golden", "inputs")
    session, arrays = load(options.against, inputs, options.threads)
    sample = sample_of(arrays, 0)
    session.run(sample)
    infer = session.ready(sample)  # type: Infer
    return infer
