"""Measure a bundle's latency, against another one's in interleaved duets of fresh processes.

A shared machine drifts by more than what is to be measured, so that two measurements one after the
other compare the machine with itself. Each duet runs both artifacts in turns; the ratio is taken
duet by duet and its interval over the duets.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from edgekit.devices.device import Device, Run, RunnerResult, device_named
from edgekit.devices.evidence import speed_obstacle
from edgekit.manifest import read_manifest
from edgekit.performance.judge import first_against_last, judge, steadiness
from edgekit.performance.ratio import bootstrap_interval, median_of
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import Taken, levels, once, take, timing
from edgekit.progress import Progress
from edgekit.results.measurement import Measurement
from edgekit.results.timing import Against, Batch, PerProcess, Sustained
from edgekit.settings import ForeignJson, Json
from edgekit.target import target_named

SPARE_S = 600.0  # what a sustained run may take beyond its minutes


def bench_bundle(
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    device: str | Device = "local",
    progress: Progress | None = None,
    sustained_s: float = 0.0,
) -> Measurement:
    """Time a bundle's artifact on its first golden vector.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        against: another bundle to compare with, normally the fp32 one of the same target.
        settings: duets, runs, threads and budgets.
        device: where to run it, open or by name.
        progress: called with (duets done, duets at most).
        sustained_s: how long to run without a pause afterwards, seconds; 0 for not at all.

    Returns:
        the figures with a verdict. It is `unavailable`, with a reason, where the processor is none
        that the target is for.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when a bundle is damaged.
    """
    manifest = read_manifest(bundle)
    if against is not None:
        read_manifest(against)
    run, target = device_named(device), target_named(manifest.target)
    measured = take(run, bundle, against, settings, progress)
    noise = steadiness(*levels(measured.duets))
    environment = _environment([duet.own for duet in measured.duets])
    obstacle = speed_obstacle(target, environment)
    verdict, reasons = judge(measured, settings, obstacle, noise.throttled)
    return Measurement(
        verdict=verdict,
        reasons=tuple(reasons),
        evidence=run.evidence(target),
        target=manifest.target,
        precision=manifest.precision,
        bundle=bundle.name,
        device=run.name,
        **_times(measured),
        **_starts(measured),
        environment=environment,
        samples=_per_process(measured),
        noise=noise,
        batch=_batch(run, bundle, settings),
        sustained=_sustained(run, bundle, settings, sustained_s),
        against=_against(against, measured),
    )


def _times(measured: Taken) -> ForeignJson:
    """Return the fields of a Measurement about timed inferences."""
    results = [duet.own for duet in measured.duets]
    times = np.concatenate([each.times_ms for each in results])
    p50, p90, p99 = (float(value) for value in np.percentile(times, [50, 90, 99]))
    warmups = [result.timing.warmup for result in results]
    return {
        "p50_ms": p50,
        "p90_ms": p90,
        "p99_ms": p99,
        "throughput_per_s": 1e3 / float(times.mean()),
        "runs": len(times),
        "pairs": len(results),
        "threads": results[0].threads,
        "runtime": results[0].runtime,
        "warmup_runs": median_of([warmup.runs for warmup in warmups]),
        "settled": sum(warmup.stable is not False for warmup in warmups),
    }


def _starts(measured: Taken) -> ForeignJson:
    """Return the fields of a Measurement about processes with nothing else in them."""
    launches = measured.launches
    return {
        "load_ms": median_of([launch.load_ms for launch in launches]),
        "first_ms": median_of([launch.first_ms for launch in launches]),
        "cold_start_ms": median_of([launch.timing.cold_start_ms for launch in launches]),
        "peak_mem_bytes": max(launch.peak_mem_bytes for launch in launches),
    }


def _batch(run: Run, bundle: Path, settings: BenchSettings) -> Batch | None:
    if settings.batch == 1:
        return None
    request = replace(timing(settings), batch=settings.batch)
    found = once(run, bundle, request).timing.batch
    assert found is not None
    if found.error is not None:
        reason = f"the artifact does not take {settings.batch} images at once: {found.error}"
        return Batch(size=settings.batch, reason=reason)
    p50 = median_of(found.times_ms)
    return Batch(size=settings.batch, p50_ms=p50, throughput_per_s=1e3 * settings.batch / p50)


def _sustained(run: Run, bundle: Path, settings: BenchSettings, seconds: float) -> Sustained | None:
    if not seconds:
        return None
    request = replace(timing(settings), sustained_s=seconds, timeout_s=seconds + SPARE_S)
    result = once(run, bundle, request)
    return first_against_last(result.timing.sustained)


def _against(against: Path | None, measured: Taken) -> Against | None:
    if against is None or measured.ratio is None:
        return None
    logs = [duet.log_ratio for duet in measured.duets if duet.log_ratio is not None]
    return Against(name=against.name, ratio=measured.ratio, bootstrap=bootstrap_interval(logs))


def _per_process(measured: Taken) -> PerProcess:
    """Return what each process showed."""
    return PerProcess(
        latency_ms=tuple(duet.own_ms for duet in measured.duets),
        peak_mem_bytes=tuple(launch.peak_mem_bytes for launch in measured.launches),
        other_peak_mem_bytes=tuple(launch.peak_mem_bytes for launch in measured.others),
    )


def _environment(results: Sequence[RunnerResult]) -> Json:
    """Return the machine as the first process saw it, and its load at the end of the last."""
    after = results[-1].timing.load_average_after
    return {**results[0].timing.environment, "load_average_after": after and list(after)}
