"""Where an artifact's time goes, by the runtimes' own profilers, in the student's layers.

The module that a Runtime names as `profiler` offers

    kernels(path: Path) -> list[Kernel]    in the order in which they run

and is run in a process of its own, `python -m edgekit.search.profilers MODULE FILE`, so that a
runtime that crashes takes nothing else with it.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgekit.runtimes import runtime_of
from edgekit.search.profilers.kernel import Kernel

TIMEOUT_S = 300


def kernels(runner: str, artifact: Path) -> list[Kernel]:
    """Profile an artifact; nothing where the runtime has no profiler or cannot run it.

    Args:
        runner: which session executes the artifact.
        artifact: the file.
    """
    profiler = profiler_of(runner)
    if profiler is None:
        return []
    command = [sys.executable, "-m", __name__, profiler, str(artifact)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    except subprocess.SubprocessError:
        return []  # a profile only says what to try next; the trial itself tells of a crash
    return [Kernel(**item) for item in json.loads(done.stdout.splitlines()[-1])]


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
