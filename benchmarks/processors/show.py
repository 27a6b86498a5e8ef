"""Run a command on this processor as if it were an older one.

Verdicts must not depend on the processor, and speeds do: both are measured on a machine with VNNI
as they are without it, or without AVX-512. The instructions that remain run at full speed, unlike
on an emulated core; it is still a newer processor's cache, memory and clock.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from edgekit.errors import UnavailableError

SOURCE = Path(__file__).with_name("hide.c")
FIX = "use a Linux machine with an Intel processor, or an emulated core: make test-isa"
BUILT = Path("build/benchmarks/processors")
# What the description of each processor leaves out.
PROCESSORS = {
    "avx2": r"avx512\w+|avx_vnni|avx_ifma|amx_\w+",
    "avx512": r"avx512_\w+|avx512(?:ifma|vbmi)|avx_vnni|avx_ifma|amx_\w+",
}


def main(arguments: list[str]) -> None:
    """Run the command that follows the processor's name; leave with its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks as", description=__doc__)
    parser.add_argument("processor", choices=sorted(PROCESSORS), help="the newest it may have")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run")
    asked = parser.parse_args(arguments)
    if not asked.command:
        parser.error("write the command after the processor: as avx2 make test")
    try:
        environment = {**os.environ, **shown_as(asked.processor)}
    except UnavailableError as error:
        sys.exit(str(error))
    sys.exit(subprocess.run(asked.command, env=environment, check=False).returncode)


def shown_as(processor: str) -> dict[str, str]:
    """Return the environment in which programs see `processor`.

    Raises `UnavailableError` where this processor or system cannot hide anything: it takes Linux
    and an Intel processor with `cpuid_fault` among its flags (most since 2012).
    """
    described = _described()
    if not re.search(r"\bcpuid_fault\b", described):
        raise UnavailableError("this processor cannot hide instruction sets (no cpuid_fault)", FIX)
    description = BUILT.resolve() / f"cpuinfo-{processor}"
    library = _built()
    description.write_text(_older(described, processor), encoding="utf-8")
    shown = {
        "LD_PRELOAD": str(library),
        "SHOWN": processor,
        "SHOWN_CPUINFO": str(description),
    }
    if f"shown as {processor}" not in _seen(shown):
        raise UnavailableError("this system does not let a program hide instruction sets", FIX)
    return shown


def _seen(shown: dict[str, str]) -> str:
    """Return how a program sees the processor: its own description where nothing is hidden."""
    command = [sys.executable, "-c", "print(open('/proc/cpuinfo').read())"]
    environment = {**os.environ, **shown}
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout


def _described() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _older(described: str, processor: str) -> str:
    """Return the description without the hidden sets, and with a name that says so."""
    without = re.sub(rf" (?:{PROCESSORS[processor]})\b", "", described)
    return re.sub(r"(model name\s*:.*)", rf"\1 shown as {processor}", without)


def _built() -> Path:
    BUILT.mkdir(parents=True, exist_ok=True)
    library = BUILT.resolve() / "hide.so"
    built = library.with_suffix(f".{os.getpid()}")
    command = ["cc", "-O2", "-Wall", "-shared", "-fPIC", str(SOURCE), "-o", str(built), "-ldl"]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        fix = "install a C compiler"
        raise UnavailableError(f"cannot build {SOURCE.name}: {error}", fix) from error
    built.replace(library)
    return library
