"""The gate where nothing can be timed: counts of an emulated core against a baseline."""

from pathlib import Path

from edgekit.devices.cores import core_named
from edgekit.devices.device import Device, device_named
from edgekit.errors import InputError
from edgekit.files import write_whole
from edgekit.manifest import read_manifest
from edgekit.performance.baseline import Baseline, baseline_of, write_baseline
from edgekit.performance.compare import compare, notes
from edgekit.performance.count import EVERYWHERE, MEMORY, OPERATORS, count_bundle
from edgekit.performance.counters import find_counter, with_memory
from edgekit.performance.gate import Gate, reviewed
from edgekit.performance.operators import with_operators
from edgekit.performance.rows import append_summary, junit
from edgekit.performance.settings import BenchSettings
from edgekit.performance.shares import moved_of
from edgekit.results.counted import Counted
from edgekit.results.gate import GateResult, Reading
from edgekit.results.timing import Count
from edgekit.target import target_named
from edgekit.verdict import Verdict, worst


def gate_counts(
    bundle: Path,
    gate: Gate,
    settings: BenchSettings,
    device: str | Device = "emulated",
    what: str = "instructions",
) -> Counted:
    """Count a bundle, compare it with a baseline where there is one, write what was asked for.

    Args:
        bundle: the bundle's folder.
        gate: what to compare with and what to leave behind.
        settings: threads of the runtime.
        device: the emulated core.
        what: one of COUNTS; all of them count instructions.

    Raises:
        UnavailableError: when nothing counts there.
        InputError: when something is asked for that only times can tell, or the baseline is of
            something else, or was edited.
    """
    _refuse_times(gate, settings)
    _refuse_threads(what, settings)
    run = device_named(device)
    baseline = reviewed(bundle, gate, settings, run.name)
    counter = with_memory(find_counter(run)) if what == MEMORY else None
    count = count_bundle(bundle, settings, run, counter)
    if what == OPERATORS:
        count = with_operators(count, bundle, run)
    result = _counted(bundle, gate, run, count)
    if baseline is not None:
        result = result.with_gate(_judged(bundle, result, baseline, gate))
    if gate.update and gate.baseline is not None:
        write_baseline(baseline_of(bundle, result), gate.baseline)
        result = result.model_copy(update={"updated": str(gate.baseline)})
    _leave(result, gate)
    return result


def _refuse_times(gate: Gate, settings: BenchSettings) -> None:
    asked = {"--against": gate.against, "--history": gate.history, "--batch": settings.batch > 1}
    for option, given in asked.items():
        if given:
            raise InputError(
                f"{option} is about times, and an emulated core is never timed",
                "Leave it out, or name a real device with --device",
            )


def _refuse_threads(what: str, settings: BenchSettings) -> None:
    if what != EVERYWHERE and settings.threads != 1:
        raise InputError(
            f"--count {what} looks at one thread, not at {settings.threads}", "Use --threads 1"
        )


def _counted(bundle: Path, gate: Gate, device: Device, count: Count) -> Counted:
    manifest = read_manifest(bundle)
    size = {"size": Reading(value=manifest.size_bytes)}
    return Counted(
        evidence=device.evidence(target_named(manifest.target)),
        target=manifest.target,
        precision=manifest.precision,
        bundle=bundle.name,
        device=device.name,
        threads=count.threads,
        runtime=count.runtime,
        environment={"processor": core_named(count.core).title if count.core else None},
        count=count,
        measured={**size, **gate.shares, **count.readings},
    )


def _judged(bundle: Path, result: Counted, baseline: Baseline, gate: Gate) -> GateResult:
    """Compare every figure with the baseline's."""
    measured, manifest = result.measured, read_manifest(bundle)
    figures = compare(
        measured,
        baseline,
        gate.limits,
        {},
        judgeable=False,
        throttled=False,
        moved=moved_of(manifest, measured, baseline, {}),
    )
    return GateResult(
        verdict=worst([figure.verdict for figure in figures] or [Verdict.INCONCLUSIVE]),
        baseline=str(gate.baseline),
        figures=tuple(figures),
        notes=tuple(notes(measured, baseline, manifest.detector_sha256)),
    )


def _leave(result: Counted, gate: Gate) -> None:
    """Write the files that were asked for."""
    if gate.junit is not None:
        write_whole(gate.junit, junit(result).encode())
    if gate.summary is not None:
        append_summary(result, gate.summary)
