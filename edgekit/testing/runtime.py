"""What every Runtime promises: builder, session, tracer and profiler, tried on real artifacts."""

from importlib import import_module
from pathlib import Path

import numpy as np

from edgekit.calibration.scheme import SCHEMES
from edgekit.devices.device import device_named
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.devices.sessions import place_of
from edgekit.exporters.golden import golden_inputs
from edgekit.exporters.registry import builder_of
from edgekit.exporters.student import Student
from edgekit.manifest import read_manifest
from edgekit.runtime import Runtime
from edgekit.runtimes import runtime_named
from edgekit.search.profilers import kernels, profiler_of
from edgekit.target import target_named, targets
from edgekit.testing.promise import promise
from edgekit.testing.student import small_student
from edgekit.testing.target import built, check_target
from edgekit.verification.layers.artifacts import trace_artifact, tracer_of
from edgekit.verification.layers.compare import compare
from edgekit.verification.layers.programs import layers_of, trace_program

# A layer of a float artifact that is further from the student than this is another layer.
_SAME_DB = 40.0


def check_runtime(name: str, folder: Path, student: Student | None = None) -> list[str]:
    """Check a registered Runtime and every Target that names it.

    Args:
        name: the Runtime's.
        folder: where bundles go; those there are used.
        student: what they are built from; a small one of edgekit's own when left out.

    Returns:
        one line for each thing that could not be tried on this machine.

    Raises:
        BrokenPromiseError: when something does not hold.
        UnavailableError: when a package that it builds with is not installed.
        EdgekitError: when the converter or the runtime refuses the student.
    """
    runtime = runtime_named(name)
    check_description(runtime)
    student = student or small_student(folder / "samples")
    own = [target.name for target in targets().values() if target.runtime == name]
    promise(bool(own), f"runtime {name}: a Target names it")
    untried = [line for target in own for line in check_target(target, folder, student)]
    for target in own:
        bundle = built(target_named(target), "fp32", folder, student)
        if read_manifest(bundle).golden.max_abs is not None:
            check_tracer(runtime, bundle, student)
            check_profiler(runtime, bundle)
    return untried


def check_description(runtime: Runtime) -> None:
    """Hold a description against what it names."""
    name = f"runtime {runtime.name}"
    promise(callable(getattr(builder_of(runtime), "build", None)), f"{name}: its builder builds")
    unknown = set(runtime.schemes) - set(SCHEMES)
    promise(bool(runtime.schemes) and not unknown, f"{name}: its schemes are known", unknown)
    traces = ("trace", "operators") if runtime.plain else ("trace",)
    named = (tracer_of(runtime.runner), profiler_of(runtime.runner))
    for module, offers in zip(named, (traces, ("named",)), strict=True):
        for offer in offers if module else ():
            there = callable(getattr(import_module(str(module)), offer, None))
            promise(there, f"{name}: {module} offers {offer}")
    if runtime.session is None:
        promise(runtime.runner in SESSIONS, f"{name}: the runner has its session", runtime.runner)
    else:
        file = place_of(runtime).rpartition(":")[0]
        promise(Path(file).is_file(), f"{name}: its session is a file", file)


def check_tracer(runtime: Runtime, bundle: Path, student: Student) -> None:
    """Hold the tensors inside a float artifact against the student's own."""
    if runtime.tracer is None:
        return
    manifest, layers = read_manifest(bundle), layers_of(student.program)
    inputs = tuple(golden_inputs(bundle, manifest.signature).values())
    found = trace_artifact(device_named("local"), bundle, inputs, layers)
    rows = compare(layers, trace_program(student.program, inputs, layers), found)
    promise(len(rows) >= 2, f"{bundle.name}: a trace shows layers besides the last", len(rows))
    worst = min(rows, key=lambda row: row.sqnr_db)
    what = f"{bundle.name}: layer {worst.layer.name} is the student's, in decibels"
    promise(worst.sqnr_db > _SAME_DB, what, round(worst.sqnr_db, 1))
    promise(layers[-1].name in found, f"{bundle.name}: a trace ends with the logits")


def check_profiler(runtime: Runtime, bundle: Path) -> None:
    """Ask the profiler where an artifact's time goes."""
    if runtime.profiler is None:
        return
    found = kernels(device_named("local"), bundle)
    promise(bool(found), f"{bundle.name}: a profile has kernels")
    times = np.array([kernel.us for kernel in found])
    promise(bool((times >= 0).all() and times.sum() > 0), f"{bundle.name}: kernels take time")
