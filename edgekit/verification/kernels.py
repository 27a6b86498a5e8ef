"""Whose kernels are wrong, and what to do: fast kernels of a processor against plain ones.

A runtime has kernels for each family of processors and fuses operators for them. Its plain kernels
do the same without: ONNX Runtime with its optimizations off, LiteRT without XNNPACK. Where an
artifact is right with the plain ones alone, the file is right and the fast ones are not.
"""

from collections.abc import Collection, Mapping

from edgekit.runtime import Plain
from edgekit.runtimes import runtime_of
from edgekit.target import Target


def plain_of(runner: str) -> Plain | None:
    """Return how a runtime's fast kernels can be left out; None where there are no others.

    Args:
        runner: of the bundle's manifest.
    """
    runtime = runtime_of(runner)
    return runtime.plain if runtime else None


def foreign(target: Target, machine: str) -> bool:
    """Tell whether a processor is not of the kind that a Target is for.

    Args:
        target: the device family.
        machine: the processor's architecture as `uname -m` names it.
    """
    return machine not in target.machines


def described(runner: str, environment: Mapping[str, object], where: str) -> str:
    """Say that the kernels are wrong and the file is not.

    Args:
        runner: which session executes the artifact.
        environment: of the processor, as the runner describes it.
        where: the first operator that is computed otherwise; empty where it is not known.
    """
    plain = plain_of(runner)
    assert plain is not None
    first = f", first {where}" if where else ""
    return (
        f"{plain.fast} kernels for this processor ({_processor(environment)}) compute it "
        f"wrong{first}; {plain.without} the same file is right"
    )


def advised(runner: str, environment: Mapping[str, object], target: Target) -> str:
    """Say what to do about it."""
    if foreign(target, str(environment.get("machine"))):
        emulated = ", or with --device emulated" if "aarch64" in target.machines else ""
        return f"the file is right; verify it on a device of {target.title}{emulated}"
    if environment.get("saturates"):
        return "run it on a core with VNNI, or export it again with weights of 7 bits"
    return "keep that operator float, or run another version of the runtime with --runtime"


def _processor(environment: Mapping[str, object]) -> str:
    machine, sets = str(environment.get("machine")), environment.get("instruction_sets")
    if not environment.get("saturates"):
        return machine
    widest = "AVX-512" if isinstance(sets, Collection) and "AVX512BW" in sets else "AVX2"
    return f"{machine}, {widest} without VNNI: its 8-bit products saturate in 16 bits"
