"""Where an artifact's time goes, by the runtimes' own profilers, in the student's layers.

A Device runs the profiler. What its kernels compute, the module tells that a Runtime names as
`profiler`. It offers

    named(found: Sequence[KernelTime], path: Path) -> list[Kernel]    in the same order
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from edgekit.devices.device import Device
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError
from edgekit.exporters.golden import golden_inputs
from edgekit.manifest import read_manifest
from edgekit.runtimes import runtime_of
from edgekit.search.profilers.kernel import Kernel

PROFILE = Request(profile=True, timeout_s=300)


def kernels(device: Device, bundle: Path) -> list[Kernel]:
    """Profile an artifact; nothing where the runtime has no profiler or cannot run it there.

    Args:
        device: where it runs.
        bundle: its folder.
    """
    manifest = read_manifest(bundle)
    profiler = profiler_of(manifest.runner)
    if profiler is None:
        return []
    first = {name: array[:1] for name, array in golden_inputs(bundle, manifest.signature).items()}
    try:
        found = device(bundle, first, PROFILE).kernels
    except EdgekitError:
        return []  # a profile only says what to try next; the trial itself tells of a crash
    named: list[Kernel] = import_module(profiler).named(found, bundle / manifest.artifact)
    return named


def profiler_of(runner: str) -> str | None:
    """Name the module that profiles a runtime; None where nothing here does.

    Args:
        runner: which session executes the artifact.
    """
    runtime = runtime_of(runner)
    name = runtime.profiler if runtime else None
    return name if name is None or "." in name else f"edgekit.search.profilers.{name}"


def slow_layers(
    ours: Sequence[Kernel], theirs: Sequence[Kernel], layers: Mapping[str, str]
) -> list[str]:
    """Return layers that take longer in the int8 artifact than in the float one, worst first.

    Args:
        ours: profile of the artifact with quantize/dequantize pairs.
        theirs: profile of the same network in float.
        layers: heavy layers of the float Program in graph order, each with its group of operators.
    """
    first, second = (_by_layer(profile, layers) for profile in (ours, theirs))
    known = [name for name in layers if name in first and name in second]
    lost = {name: first[name] - second[name] for name in known}
    return sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])


def _by_layer(profile: Sequence[Kernel], layers: Mapping[str, str]) -> dict[str, float]:
    """Give each layer the time of its kernel: by name, or by order where kernels have no names.

    Where a rewrite made more kernels than there are layers, order says nothing: no layer has one.
    """
    named = {kernel.name: kernel.us for kernel in profile if kernel.name in layers}
    if named:
        return named
    wanted = [name for name, group in layers.items() if group in ("convolution", "linear")]
    weighted = [kernel.us for kernel in profile if kernel.group in ("convolution", "linear")]
    return dict(zip(wanted, weighted, strict=True)) if len(wanted) == len(weighted) else {}
