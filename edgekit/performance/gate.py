"""The gate: measure a bundle, compare it with a baseline, write down what is to be kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError, InputError
from edgekit.figure import Figure
from edgekit.files import write_whole
from edgekit.manifest import read_manifest
from edgekit.performance.baseline import (
    Baseline,
    baseline_of,
    read_baseline,
    refuse_other,
    refuse_other_bundle,
    refuse_other_processor,
    write_baseline,
)
from edgekit.performance.bench import bench_bundle
from edgekit.performance.compare import compare, notes, paired_of
from edgekit.performance.count import count_bundle
from edgekit.performance.history import append
from edgekit.performance.limits import Limits, parse_limits
from edgekit.performance.rows import append_summary, junit
from edgekit.performance.settings import BenchSettings
from edgekit.performance.shares import moved_of
from edgekit.progress import Progress
from edgekit.results.gate import GateResult, Reading
from edgekit.results.measurement import Measurement
from edgekit.verdict import Verdict, worst


@dataclass(frozen=True)
class Gate:
    """What a gate compares and leaves behind.

    Attributes:
        baseline: the reviewed file.
        update: write it instead of comparing with it.
        against: the bundle that the baseline was measured on, to be timed beside this one.
        limits: what is let pass.
        count: whether to count instructions.
        shares: figures of the decisions, by name.
        moved: measures how each of them changed from the artifact of `against`, on the same images;
            asked for when all else has been measured.
        junit: file for the figures as JUnit XML.
        summary: file that a Markdown table is appended to.
        history: JSON lines that one is added to, with a picture beside it.
    """

    baseline: Path | None = None
    update: bool = False
    against: Path | None = None
    limits: Limits = field(default_factory=lambda: parse_limits(()))
    count: bool = False
    shares: Mapping[str, Reading] = field(default_factory=dict)
    moved: Callable[[], Mapping[str, Figure]] = dict
    junit: Path | None = None
    summary: Path | None = None
    history: Path | None = None


def gate_bundle(
    bundle: Path,
    gate: Gate,
    settings: BenchSettings,
    device: str | Device = "local",
    progress: Progress | None = None,
    sustained_s: float = 0.0,
    against: Path | None = None,
) -> Measurement:
    """Measure a bundle, compare it with a baseline where there is one, write what was asked for.

    Args:
        bundle: the bundle's folder.
        gate: what to compare with and what to leave behind.
        settings: how to measure.
        device: where.
        progress: called with (pairs done, pairs at most).
        sustained_s: see `bench_bundle`.
        against: the fp32 sibling, for a measurement without a baseline.

    Returns:
        the result of `bench_bundle` with `measured`, `count` and `gate`.

    Raises:
        InputError: when the baseline is of something else, or was edited.
    """
    run = device_named(device)
    baseline = reviewed(bundle, gate, settings, run.name)
    beside = gate.against or (against if gate.baseline is None else None)
    if gate.against is not None:
        settings = settings.model_copy(update={"max_ratio": 1 + gate.limits.latency})
    result = bench_bundle(bundle, beside, settings, run, progress, sustained_s)
    count = count_bundle(bundle, settings, run) if gate.count else None
    result = result.model_copy(update={"count": count})
    result = result.model_copy(update={"measured": _readings(bundle, result, gate)})
    if baseline is not None and gate.baseline is not None:
        if beside is None:
            refuse_other_processor(baseline, gate.baseline, result.environment)
        result = result.with_gate(_judged(bundle, result, baseline, gate))
    if gate.update and gate.baseline is not None:
        result = _updated(bundle, result, gate.baseline)
    _leave(result, gate)
    return result


def reviewed(bundle: Path, gate: Gate, settings: BenchSettings, device: str) -> Baseline | None:
    """Read and check the baseline before anything is measured; None where nothing is compared."""
    if gate.baseline is None:
        if gate.update:
            raise InputError("--update-baseline has no file", "Name it with --baseline FILE")
        return None
    if gate.update:
        return None
    baseline = read_baseline(gate.baseline)
    refuse_other(baseline, gate.baseline, bundle, device, settings.threads)
    if gate.against is not None:
        refuse_other_bundle(baseline, gate.baseline, gate.against)
    return baseline


def _readings(bundle: Path, result: Measurement, gate: Gate) -> dict[str, Reading]:
    """Return what a baseline keeps: time, size, memory, decisions, what was counted."""
    samples, memory = result.samples, result.peak_mem_bytes
    found = {
        "latency": Reading(value=result.p50_ms, samples=samples.latency_ms),
        "size": Reading(value=read_manifest(bundle).size_bytes),
    }
    if memory and len(samples.peak_mem_bytes) > 1:  # known, and known how much it varies
        found["memory"] = Reading(value=memory, samples=samples.peak_mem_bytes)
    counted = {} if result.count is None else result.count.readings
    return {**found, **gate.shares, **counted}


def _judged(bundle: Path, result: Measurement, baseline: Baseline, gate: Gate) -> GateResult:
    """Compare every figure with the baseline's."""
    manifest = read_manifest(bundle)
    figures = compare(
        result.measured,
        baseline,
        gate.limits,
        paired_of(result),
        judgeable=result.evidence.timed,
        throttled=result.noise.throttled,
        moved=moved_of(manifest, result.measured, baseline, gate.moved()),
    )
    return GateResult(
        verdict=worst(figure.verdict for figure in figures),
        baseline=str(gate.baseline),
        figures=tuple(figures),
        notes=tuple(notes(result.measured, baseline, manifest.detector_sha256)),
    )


def _updated(bundle: Path, result: Measurement, path: Path) -> Measurement:
    """Write the baseline, unless the machine was not fit to make one."""
    if result.noise.throttled:
        raise EdgekitError(
            f"{path} is not written: the machine grew slower during the measurement",
            "Let it cool down or stop what else runs, and measure again",
        )
    write_baseline(baseline_of(bundle, result), path)
    update = {"updated": str(path), "verdict": Verdict.PASS, "reasons": ()}
    return result.model_copy(update=update)


def _leave(result: Measurement, gate: Gate) -> None:
    """Write the files that were asked for."""
    if gate.junit is not None:
        write_whole(gate.junit, junit(result).encode())
    if gate.summary is not None:
        append_summary(result, gate.summary)
    if gate.history is not None:
        append(result, gate.history)
