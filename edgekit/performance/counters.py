"""What can count a program's instructions: the processor through perf, valgrind, or qemu.

The first two count on this machine, qemu on an emulated ARM core.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from edgekit.devices.counting import loading_qemu
from edgekit.devices.device import Device
from edgekit.devices.qemu import version_of
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, InputError, UnavailableError

# Start-up counts must be alike in both runs of a difference: a fixed seed of Python's hashes, no
# threads of numpy's, and where the system permits it no random addresses.
_STEADY = ("env", "PYTHONHASHSEED=0", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
_PERF_EVENTS = "instructions:u,cache-misses:u"


@dataclass(frozen=True)
class Tally:
    """What a tool counted of one program.

    Attributes:
        instructions: all of them.
        cache_misses: None where the tool does not know them.
        classes: instructions by class, where the tool tells them apart.
        memory: what was read, written and missed, where that was asked for.
    """

    instructions: int
    cache_misses: int | None = None
    classes: dict[str, int] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counter:
    """A tool that counts.

    Attributes:
        name: the tool with its version.
        counted: a request, file -> the request whose run writes there what was counted of it. With
            one thread only the main one is counted: those that libraries start beside it wait for
            work in loops, which depends on the time.
        read: that file's text, threads -> what it says.
        enough: instructions that a difference should span, so that what differs between two starts
            does not matter.
    """

    name: str
    counted: Callable[[Request, Path], Request]
    read: Callable[[str, int], Tally]
    enough: int


def find_counter(device: Device) -> Counter:
    """Return what counts on a Device.

    Raises:
        UnavailableError: when what would count there does not work here.
        InputError: when nothing counts on such a Device.
    """
    counters = {"local": _here, "emulated": _qemu}
    if device.settings.transport not in counters:
        raise InputError(
            f"cannot count instructions on device {device.name!r}",
            "Use --device local, or --device emulated for an ARM core",
        )
    return counters[device.settings.transport]()


def _here() -> Counter:
    """Return perf where the processor's counters can be read, otherwise valgrind."""
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
    return Counter(version, _with_perf, read_perf, enough=2_000_000_000)


def _with_perf(request: Request, out: Path) -> Request:
    alone = ["--no-inherit"] if request.threads == 1 else []
    events = ["-x", ",", "-e", _PERF_EVENTS, "-o", str(out)]
    return replace(request, launcher=(*steady(), "perf", "stat", *alone, *events, "--"))


def _valgrind() -> Counter | None:
    version = _version("valgrind")
    if version is None:
        return None
    return Counter(version, _with_valgrind, read_valgrind, enough=100_000_000)


def _with_valgrind(request: Request, out: Path) -> Request:
    # Of valgrind's tools that count, exp-bbv is the quickest, and it writes nothing else here.
    tool = ["--tool=exp-bbv", "--instr-count-only=yes"]
    tool += ["--bb-out-file=/dev/null", "--pc-out-file=/dev/null"]
    return replace(request, launcher=(*steady(), "valgrind", *tool, f"--log-file={out}"))


def _qemu() -> Counter:
    name = f"qemu {version_of(loading_qemu())}"
    return Counter(name, _with_qemu, read_qemu, enough=40_000_000)


def _with_qemu(request: Request, out: Path) -> Request:
    return replace(request, launcher=tuple(steady()), counts=out)


def read_perf(text: str, threads: int) -> Tally:
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
    return Tally(found["instructions"], found.get("cache-misses"))


def read_valgrind(text: str, threads: int) -> Tally:
    """Read the totals, the main thread's first.

    Raises:
        EdgekitError: when there are none.
    """
    totals = [int(total) for total in re.findall(r"Total instructions: (\d+)", text)]
    if not totals:
        raise EdgekitError("valgrind counted no instructions", "Look whether it runs here at all")
    return Tally(sum(totals[:1] if threads == 1 else totals))


def read_qemu(text: str, threads: int) -> Tally:
    """Read what the plugin wrote: a class and its number in each line, then memory's.

    Raises:
        EdgekitError: when it wrote nothing.
    """
    classes = {name: int(number) for name, number in re.findall(r"^(\w+) (\d+)$", text, re.M)}
    if not classes:
        raise EdgekitError("qemu's plugin counted no instructions", "Look whether qemu runs here")
    memory = {name: int(number) for name, number in re.findall(r"^memory (\w+) (\d+)$", text, re.M)}
    return Tally(sum(classes.values()), classes=classes, memory=memory)


def with_memory(counter: Counter) -> Counter:
    """Return qemu's counter that looks at memory too, which takes longer."""

    def counted(request: Request, out: Path) -> Request:
        return replace(counter.counted(request, out), memory=True)

    return replace(counter, counted=counted)


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
