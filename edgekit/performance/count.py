"""Instructions per inference: a figure that a busy machine does not change.

The runner is counted with few and with more inferences; the difference holds neither its start nor
the loading of the artifact. Wall-clock noise is no part of it, so that a change of 1% shows on any
shared machine. It is no latency: it knows neither memory nor how many instructions run at once.
"""

import math
import tempfile
from pathlib import Path

from edgekit.devices.device import Device, Run, RunnerResult, device_named
from edgekit.devices.request import Request
from edgekit.errors import InputError
from edgekit.manifest import read_manifest
from edgekit.performance.counters import Counter, find_counter
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import sample
from edgekit.results.timing import Count

COUNTS = ("instructions",)
TIMEOUT_S = 3600.0


def count_bundle(
    bundle: Path,
    settings: BenchSettings,
    device: str | Device = "local",
    counter: Counter | None = None,
) -> Count:
    """Count the instructions, and where the tool can the cache misses, of one inference.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        settings: threads; more than one count their waiting for each other, which varies.
        device: only this machine can count, with whatever runtime.
        counter: the tool; the best one here when None.

    Raises:
        UnavailableError: when neither perf nor valgrind works here, or no runtime.
        InputError: when the bundle is damaged or the device is another one.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    read_manifest(bundle)
    run = device_named(device)
    if run.settings.transport != "local":
        raise InputError(f"cannot count instructions on device {run.name!r}", "Use --device local")
    found = counter or find_counter()
    first, misses, result = _count(run, bundle, settings, found, 1)
    runs = 2
    total, more, _ = _count(run, bundle, settings, found, runs)
    if total - first < found.enough:
        # One more count, long enough that what differs between two starts is nothing beside it.
        runs = 1 + math.ceil(found.enough / max(1, total - first))
        total, more, _ = _count(run, bundle, settings, found, runs)
    return Count(
        instructions=(total - first) / (runs - 1),
        cache_misses=_per_run(misses, more, runs),
        tool=found.name,
        inferences=runs - 1,
        instruction_sets=result.timing.instruction_sets,
        runtime=result.runtime,
        threads=result.threads,
    )


def _per_run(first: int | None, more: int | None, runs: int) -> float | None:
    return None if first is None or more is None else max(0, more - first) / (runs - 1)


def _count(
    run: Run, bundle: Path, settings: BenchSettings, counter: Counter, runs: int
) -> tuple[int, int | None, RunnerResult]:
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        out = Path(scratch, "counts.txt")
        launcher = tuple(counter.launcher(out, settings.threads))
        request = Request(settings.threads, runs=runs, timeout_s=TIMEOUT_S, launcher=launcher)
        result = run(bundle, sample(bundle), request)
        text = out.read_text(encoding="utf-8", errors="replace")
        return *counter.read(text, settings.threads), result
