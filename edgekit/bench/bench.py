"""Measure a bundle's latency, against another one's in interleaved pairs of fresh processes.

A shared machine drifts by more than what is to be measured, so that two measurements one after the
other compare the machine with itself. Each pair runs both artifacts in turns; the ratio is taken
pair by pair and its interval over the pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.bench.looks import until_decided
from edgekit.bench.noise import log_interval, steadiness
from edgekit.bench.pairs import Pair, measure_pair, once
from edgekit.bench.ratio import Ratio, bootstrap_interval
from edgekit.bench.settings import BenchSettings
from edgekit.bench.sustained import first_against_last
from edgekit.devices.device import Device, Run, RunResult, device_named
from edgekit.export.manifest import read_manifest
from edgekit.export.target import target_named

Progress = Callable[[int, int], None]
SPARE_S = 600.0  # what a sustained run may take beyond its minutes


@dataclass(frozen=True)
class Measured:
    """Everything that was taken of a bundle, and of the one it is held against.

    Attributes:
        pairs: in the order they were taken.
        ratio: over the other; None without another.
        launches: short processes with nothing but this artifact in them.
        others: those of the other.
    """

    pairs: list[Pair]
    ratio: Ratio | None
    launches: list[RunResult]
    others: list[RunResult]


def bench_bundle(
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    device: str | Device = "local",
    progress: Progress | None = None,
    sustained_s: float = 0.0,
) -> dict[str, Any]:
    """Time a bundle's artifact on its first golden vector.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        against: another bundle to compare with, normally the fp32 one of the same target.
        settings: pairs, runs, threads and budgets.
        device: where to run it, open or by name.
        progress: called with (pairs done, pairs at most).
        sustained_s: how long to run without a pause afterwards, seconds; 0 for not at all.

    Returns:
        the verdict as the JSON of `edgekit bench`; times in milliseconds.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when a bundle is damaged.
    """
    manifest = read_manifest(bundle)
    if against is not None:
        read_manifest(against)
    run = device_named(device)
    measured = take(run, bundle, against, settings, progress)
    evidence = run.evidence(target_named(manifest.target))
    noise = steadiness(*_levels(measured.pairs))
    verdict, reasons = judge(measured, settings, evidence, bool(noise["throttled"]))
    return {
        "verdict": verdict,
        "reasons": reasons,
        "evidence": evidence,
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "device": run.name,
        **figures(measured),
        "noise": noise,
        "batch": _batch(run, bundle, settings),
        "sustained": _sustained(run, bundle, settings, sustained_s),
        "against": _against(against, measured),
    }


def take(
    run: Run,
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    progress: Progress | None = None,
) -> Measured:
    """Start the launches, then the pairs until they decide or the last look.

    An artifact that crashes does so in a launch, where nothing else can be to blame.
    """
    launches = [_launch(run, bundle, settings) for _ in range(settings.launches)]
    others = [_launch(run, against, settings) for _ in range(settings.launches) if against]
    pairs: list[Pair] = []

    def pair(number: int) -> float:
        pairs.append(measure_pair(run, bundle, against, settings, number))
        if progress:
            progress(len(pairs), settings.max_pairs if against else settings.pairs)
        return pairs[-1].log_ratio or 0.0

    if against is None:
        for number in range(settings.pairs):
            pair(number)
        return Measured(pairs, None, launches, others)
    ratio, _ = until_decided(pair, settings.pairs, settings.max_pairs, settings.max_ratio)
    return Measured(pairs, ratio, launches, others)


def _launch(run: Run, bundle: Path, settings: BenchSettings) -> RunResult:
    """Start a process for what only a fresh one shows; three runs, since first uses allocate."""
    return once(run, bundle, settings, warmup=0, runs=3)


def _levels(pairs: Sequence[Pair]) -> tuple[list[float], list[float] | None]:
    """Return what shows the machine rather than the artifact, and the pairs' logarithms."""
    logs = [pair.log_ratio for pair in pairs if pair.log_ratio is not None]
    levels = [pair.own_ms if pair.other_ms is None else pair.other_ms for pair in pairs]
    return levels, logs or None


def figures(measured: Measured) -> dict[str, Any]:
    """Return what was measured of the bundle itself, as plain JSON values."""
    results = [pair.own for pair in measured.pairs]
    times = np.concatenate([result.times_ms for result in results])
    p50, p90, p99 = (float(value) for value in np.percentile(times, [50, 90, 99]))
    warmups = [result.timing.get("warmup", {}) for result in results]
    return {
        "p50_ms": p50,
        "p90_ms": p90,
        "p99_ms": p99,
        "throughput_per_s": 1e3 / float(times.mean()),
        "runs": len(times),
        "pairs": len(results),
        "threads": results[0].threads,
        "load_ms": _median([launch.load_ms for launch in measured.launches]),
        "first_ms": _median([launch.first_ms for launch in measured.launches]),
        "cold_start_ms": _median([launch.timing["cold_start_ms"] for launch in measured.launches]),
        "peak_mem_bytes": max(launch.peak_mem_bytes for launch in measured.launches),
        "warmup_runs": _median([warmup.get("runs", 0) for warmup in warmups]),
        "settled": sum(warmup.get("stable") is not False for warmup in warmups),
        "runtime": results[0].runtime,
        "environment": _environment(results),
        "samples": {
            "latency_ms": [pair.own_ms for pair in measured.pairs],
            "peak_mem_bytes": [launch.peak_mem_bytes for launch in measured.launches],
            "other_peak_mem_bytes": [launch.peak_mem_bytes for launch in measured.others],
        },
    }


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _environment(results: Sequence[RunResult]) -> dict[str, Any]:
    """Return the machine as the first process saw it, and its load at the end of the last."""
    after = results[-1].timing.get("load_average_after")
    return {**results[0].timing.get("environment", {}), "load_average_after": after}


def _batch(run: Run, bundle: Path, settings: BenchSettings) -> dict[str, Any] | None:
    if settings.batch == 1:
        return None
    extra = ("--batch", str(settings.batch))
    found = once(run, bundle, settings, extra=extra).timing["batch"]
    if "error" in found:
        reason = f"the artifact does not take {settings.batch} images at once: {found['error']}"
        return {"size": settings.batch, "reason": reason}
    p50 = _median(found["times_ms"])
    return {"size": settings.batch, "p50_ms": p50, "throughput_per_s": 1e3 * settings.batch / p50}


def _sustained(
    run: Run, bundle: Path, settings: BenchSettings, seconds: float
) -> dict[str, Any] | None:
    if not seconds:
        return None
    extra = ("--sustained", str(seconds))
    result = once(run, bundle, settings, extra=extra, timeout_s=seconds + SPARE_S)
    return first_against_last(result.timing["sustained"])


def _against(against: Path | None, measured: Measured) -> dict[str, Any] | None:
    ratio = measured.ratio
    if against is None or ratio is None:
        return None
    logs = [pair.log_ratio for pair in measured.pairs if pair.log_ratio is not None]
    return {
        "name": against.name,
        "ratio": ratio.value,
        "ci95": [ratio.low, ratio.high],
        "bootstrap95": list(bootstrap_interval(logs)),
        "pairs": ratio.pairs,
    }


def judge(
    measured: Measured, settings: BenchSettings, evidence: str, throttled: bool
) -> tuple[str, list[str]]:
    """Hold the figures against the budgets.

    Returns:
        the verdict, and a line for each budget that is not met for sure.
    """
    if evidence == "reference":
        return "inconclusive", [
            "timed with an interpreter of the artifact on this processor, which says nothing "
            "about the target's speed: run it on the target"
        ]
    found = []
    if measured.ratio is not None:
        found.append(measured.ratio.verdict(settings.max_ratio))
    if settings.max_p50_ms is not None:
        medians = [_median(pair.own.times_ms) for pair in measured.pairs]
        found.append(_within(medians, settings.max_p50_ms, throttled))
    verdicts = [verdict for verdict, _ in found]
    worst = next((name for name in ("fail", "inconclusive") if name in verdicts), "pass")
    return worst, [reason for _, reason in found if reason]


def _within(medians: Sequence[float], limit: float, throttled: bool) -> tuple[str, str | None]:
    """Hold the interval of the processes' medians against the budget of p50."""
    low, high = log_interval(medians)
    said = f"p50 {_median(medians):.3f} ms [{low:.3f}, {high:.3f}], budget {limit:g} ms"
    if throttled:
        return "inconclusive", f"{said}: the machine grew slower meanwhile; let it cool, or rest"
    if high <= limit:
        return "pass", None
    if low > limit:
        return "fail", f"{said}: over its budget"
    return "inconclusive", f"{said}: more pairs would decide it"
