"""Whose kernels are wrong, and what to do: fast kernels of a processor against plain ones.

A runtime has kernels for each family of processors and fuses operators for them. Its plain kernels
do the same without: ONNX Runtime with its optimizations off, LiteRT without XNNPACK. Where an
artifact is right with the plain ones alone, the file is right and the fast ones are not.
"""

from collections.abc import Mapping
from typing import Any

from edgekit.export.target import Target

NAMES = {
    "onnxruntime": ("ONNX Runtime's", "without its optimizations"),
    "litert": ("XNNPACK's", "with LiteRT's built-in kernels"),
}
_VNNI = ("AVX512VNNI", "AVX512_VNNI", "AVX512_ICL", "AVX512_SPR", "AVX_VNNI")
_X86 = ("x86_64", "AMD64")


def foreign(target: Target, machine: str) -> bool:
    """Tell whether a processor is not of the kind that a Target is for.

    Args:
        target: the device family.
        machine: the processor's architecture as `uname -m` names it.
    """
    return machine not in target.machines


def saturates(runner: str, environment: Mapping[str, Any]) -> bool:
    """Tell whether ONNX Runtime adds 8-bit products in 16 bits on a processor.

    Its kernels for AVX2 and AVX-512 without VNNI multiply with `vpmaddubsw`, which saturates
    (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDUBSW).

    Args:
        runner: which session executes the artifact.
        environment: of the processor, as the runner describes it.
    """
    sets = environment.get("instruction_sets") or ()
    known = environment.get("machine") in _X86 and "AVX2" in sets
    return runner == "onnxruntime" and known and not set(_VNNI) & set(sets)


def described(runner: str, environment: Mapping[str, Any], where: str) -> str:
    """Say that the kernels are wrong and the file is not.

    Args:
        runner: which session executes the artifact.
        environment: of the processor, as the runner describes it.
        where: the first operator that is computed otherwise; empty where it is not known.
    """
    name, plainly = NAMES[runner]
    first = f", first {where}" if where else ""
    return (
        f"{name} kernels for this processor ({_processor(runner, environment)}) compute it "
        f"wrong{first}; {plainly} the same file is right"
    )


def advised(runner: str, environment: Mapping[str, Any], target: Target) -> str:
    """Say what to do about it."""
    if foreign(target, str(environment.get("machine"))):
        emulated = ", or with --device emulated" if "aarch64" in target.machines else ""
        return f"the file is right; verify it on a device of {target.title}{emulated}"
    if saturates(runner, environment):
        return "run it on a core with VNNI, or export it again with weights of 7 bits"
    return "keep that operator float, or run another version of the runtime with --runtime"


def _processor(runner: str, environment: Mapping[str, Any]) -> str:
    machine = str(environment.get("machine"))
    if not saturates(runner, environment):
        return machine
    widest = "AVX-512" if "AVX512BW" in environment["instruction_sets"] else "AVX2"
    return f"{machine}, {widest} without VNNI: its 8-bit products saturate in 16 bits"
