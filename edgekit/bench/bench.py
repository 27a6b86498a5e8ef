"""Measure a bundle's latency, against another one's in interleaved pairs of fresh processes.

A shared machine drifts by more than what is to be measured, so that two measurements one after the
other compare the machine with itself. Each pair runs both artifacts in turns; the ratio is taken
pair by pair and its interval over the pairs.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from edgekit.bench.figures import figures, median_of
from edgekit.bench.judge import judge
from edgekit.bench.noise import steadiness
from edgekit.bench.pairs import once, timing
from edgekit.bench.ratio import bootstrap_interval
from edgekit.bench.settings import BenchSettings
from edgekit.bench.sustained import first_against_last
from edgekit.bench.take import Measured, Progress, levels, take
from edgekit.devices.device import Device, Run, device_named
from edgekit.devices.evidence import speed_obstacle
from edgekit.manifest import read_manifest
from edgekit.target import target_named

SPARE_S = 600.0  # what a sustained run may take beyond its minutes


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
        the verdict as the JSON of `edgekit bench`; times in milliseconds. It is `unavailable`, with
        the figures and a reason, where the processor is none that the target is for.

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
    target, found = target_named(manifest.target), figures(measured)
    noise = steadiness(*levels(measured.pairs))
    obstacle = speed_obstacle(target, found["environment"])
    verdict, reasons = judge(measured, settings, obstacle, bool(noise["throttled"]))
    return {
        "verdict": verdict,
        "reasons": reasons,
        "evidence": run.evidence(target),
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "device": run.name,
        **found,
        "noise": noise,
        "batch": _batch(run, bundle, settings),
        "sustained": _sustained(run, bundle, settings, sustained_s),
        "against": _against(against, measured),
    }


def _batch(run: Run, bundle: Path, settings: BenchSettings) -> dict[str, Any] | None:
    if settings.batch == 1:
        return None
    request = replace(timing(settings), batch=settings.batch)
    found = once(run, bundle, request).timing["batch"]
    if "error" in found:
        reason = f"the artifact does not take {settings.batch} images at once: {found['error']}"
        return {"size": settings.batch, "reason": reason}
    p50 = median_of(found["times_ms"])
    return {"size": settings.batch, "p50_ms": p50, "throughput_per_s": 1e3 * settings.batch / p50}


def _sustained(
    run: Run, bundle: Path, settings: BenchSettings, seconds: float
) -> dict[str, Any] | None:
    if not seconds:
        return None
    request = replace(timing(settings), sustained_s=seconds, timeout_s=seconds + SPARE_S)
    result = once(run, bundle, request)
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
