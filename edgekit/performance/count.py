"""Instructions per inference: a figure that a busy machine does not change.

The runner is counted with few and with more inferences; the difference holds neither its start nor
the loading of the artifact. Wall-clock noise is no part of it, so that a change of 1% shows on any
shared machine. It is no latency: it knows neither memory nor how many instructions run at once.
"""

import math
import tempfile
from pathlib import Path

from edgekit.devices.cores import Cost, core_named
from edgekit.devices.device import Device, Run, RunnerResult, device_named
from edgekit.devices.emulated import CPU
from edgekit.devices.request import Request
from edgekit.manifest import read_manifest
from edgekit.performance.counters import Counter, Tally, find_counter
from edgekit.performance.cycles import cycles
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import sample
from edgekit.results.timing import Count
from edgekit.settings import ForeignJson

EVERYWHERE, OPERATORS, MEMORY = COUNTS = ("instructions", "operators", "memory")
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
        device: this machine with whatever runtime, or an emulated ARM core.
        counter: the tool; the best one there when None.

    Raises:
        UnavailableError: when what counts there does not work here, or no runtime.
        InputError: when the bundle is damaged or nothing counts on the device.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    read_manifest(bundle)
    run = device_named(device)
    found = counter or find_counter(run)
    first, result = _count(run, bundle, settings, found, 1)
    runs = 2
    total, _ = _count(run, bundle, settings, found, runs)
    spanned = total.instructions - first.instructions
    if spanned < found.enough:
        # One more count, long enough that what differs between two starts is nothing beside it.
        runs = 1 + math.ceil(found.enough / max(1, spanned))
        total, _ = _count(run, bundle, settings, found, runs)
    fields = _difference(first, total, runs - 1)
    core = run.settings.cpu or CPU if run.settings.transport == "emulated" else None
    return Count(
        **fields,
        tool=found.name,
        inferences=runs - 1,
        instruction_sets=result.timing.instruction_sets,
        runtime=result.runtime,
        threads=result.threads,
        core=core,
        **(_modelled(fields["classes"], core_named(core).cost) if core else {}),
    )


def _difference(first: Tally, total: Tally, inferences: int) -> ForeignJson:
    """Return the fields of a Count that two tallies give, which are so many inferences apart."""
    classes = _differences(first.classes, total.classes, inferences)
    memory = _differences(first.memory, total.memory, inferences)
    return {
        "instructions": (total.instructions - first.instructions) / inferences,
        "cache_misses": _per_run(first.cache_misses, total.cache_misses, inferences),
        "classes": classes or None,
        "memory": memory or None,
    }


def _differences(first: dict[str, int], total: dict[str, int], inferences: int) -> dict[str, float]:
    return {name: (number - first[name]) / inferences for name, number in total.items()}


def _modelled(classes: dict[str, float] | None, cost: Cost | None) -> ForeignJson:
    """Return the fields of a Count that a core's cost gives."""
    found = cycles(classes, cost)
    return {} if found is None or cost is None else {"cycles": found, "limits": cost.limits}


def _per_run(first: int | None, more: int | None, inferences: int) -> float | None:
    return None if first is None or more is None else max(0, more - first) / inferences


def _count(
    run: Run, bundle: Path, settings: BenchSettings, counter: Counter, runs: int
) -> tuple[Tally, RunnerResult]:
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        out = Path(scratch, "counts.txt")
        request = Request(settings.threads, runs=runs, timeout_s=TIMEOUT_S)
        result = run(bundle, sample(bundle), counter.counted(request, out))
        text = out.read_text(encoding="utf-8", errors="replace")
        return counter.read(text, settings.threads), result
