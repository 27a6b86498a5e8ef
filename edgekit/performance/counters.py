"""What can count a program's instructions here: the processor through perf, or valgrind."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import EdgekitError, UnavailableError

# Start-up counts must be alike in both runs of a difference: a fixed seed of Python's hashes, no
# threads of numpy's, and where the system permits it no random addresses.
_STEADY = ("env", "PYTHONHASHSEED=0", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
_PERF_EVENTS = "instructions:u,cache-misses:u"


@dataclass(frozen=True)
class Counter:
    """A tool that counts.

    Attributes:
        name: the tool with its version.
        launcher: file, threads -> command that starts another one and writes what it counted. With
            one thread only the main one is counted: those that libraries start beside it wait for
            work in loops, which depends on the time.
        read: that file's text, threads -> instructions, and cache misses where it knows them.
        enough: instructions that a difference should span, so that what differs between two starts
            does not matter.
    """

    name: str
    launcher: Callable[[Path, int], list[str]]
    read: Callable[[str, int], tuple[int, int | None]]
    enough: int


def find_counter() -> Counter:
    """Return perf where the processor's counters can be read, otherwise valgrind.

    Raises:
        UnavailableError: when neither works here, saying what to install.
    """
    for found in (_perf(), _valgrind()):
        if found is not None:
            return found
    raise UnavailableError(
        "cannot count instructions here: perf cannot read the processor's counters and valgrind is "
        "not installed",
        "Install valgrind (Debian: apt install valgrind)",
    )


def _perf() -> Counter | None:
    version = _version("perf")
    if version is None:
        return None
    probe = ["perf", "stat", "-x", ",", "-e", _PERF_EVENTS, "true"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    try:
        read_perf(done.stderr, 1)
    except EdgekitError:  # a virtual machine without counters, or not permitted
        return None
    return Counter(version, _perf_launcher, read_perf, enough=2_000_000_000)


def _perf_launcher(out: Path, threads: int) -> list[str]:
    alone = ["--no-inherit"] if threads == 1 else []
    events = ["-x", ",", "-e", _PERF_EVENTS, "-o", str(out)]
    return [*steady(), "perf", "stat", *alone, *events, "--"]


def _valgrind() -> Counter | None:
    version = _version("valgrind")
    if version is None:
        return None
    return Counter(version, _valgrind_launcher, read_valgrind, enough=100_000_000)


def _valgrind_launcher(out: Path, threads: int) -> list[str]:
    # Of valgrind's tools that count, exp-bbv is the quickest, and it writes nothing else here.
    tool = ["--tool=exp-bbv", "--instr-count-only=yes"]
    tool += ["--bb-out-file=/dev/null", "--pc-out-file=/dev/null"]
    return [*steady(), "valgrind", *tool, f"--log-file={out}"]


def read_perf(text: str, threads: int) -> tuple[int, int | None]:
    """Read `perf stat -x ,`: value, unit, event and more in each line.

    Raises:
        EdgekitError: when it did not count instructions.
    """
    found = {}
    for line in text.splitlines():
        cells = line.split(",")
        if len(cells) > 2 and cells[0].isdigit():
            found[cells[2].removesuffix(":u")] = int(cells[0])
    if "instructions" not in found:
        raise EdgekitError("perf counted no instructions", "Install valgrind")
    return found["instructions"], found.get("cache-misses")


def read_valgrind(text: str, threads: int) -> tuple[int, int | None]:
    """Read the totals, the main thread's first.

    Raises:
        EdgekitError: when there are none.
    """
    totals = [int(total) for total in re.findall(r"Total instructions: (\d+)", text)]
    if not totals:
        raise EdgekitError("valgrind counted no instructions", "Look whether it runs here at all")
    return sum(totals[:1] if threads == 1 else totals), None


def steady() -> list[str]:
    """Return the start of a command that makes starts alike."""
    probe = ["setarch", "-R", "true"]
    if shutil.which("setarch") and subprocess.run(probe, check=False).returncode == 0:
        return ["setarch", "-R", *_STEADY]
    return [*_STEADY]


def _version(tool: str) -> str | None:
    if shutil.which(tool) is None:
        return None
    done = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    numbers = re.findall(r"\d+(?:\.\d+)+", done.stdout)
    return f"{tool} {numbers[0]}" if numbers else tool
