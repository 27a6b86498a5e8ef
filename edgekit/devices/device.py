"""A Device: where a runner runs. A transport, nothing more.

A new transport is one module with `open_device(name, settings)`, like `local.py`, and one line in
TRANSPORTS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.request import RUN, Request
from edgekit.devices.settings import DeviceSettings
from edgekit.devices.timing import Timing
from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.settings import Json
from edgekit.target import Target

# By the first part of a Device's URL.
TRANSPORTS = {
    "local": "edgekit.devices.local",
    "emulated": "edgekit.devices.emulated",
    "emulated-x86": "edgekit.devices.emulated_x86",
    "ssh": "edgekit.devices.ssh",
}


@dataclass(frozen=True)
class KernelTime:
    """A kernel that ran, as the runtime's profiler tells it.

    Attributes:
        kind: the runtime's own name of the kernel.
        us: microseconds of one inference.
        nodes: what it computes, in the runtime's names; empty where it does not say.
    """

    kind: str
    us: float
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunnerResult:
    """What the runner brought back.

    Attributes:
        logits: float32 [N, C].
        runtime: name and version of the runtime.
        inputs: how the artifact describes its inputs: name, shape, dtype, scale.
        load_ms: time to load the artifact, milliseconds.
        first_ms: time of the first inference.
        times_ms: one figure per timed run.
        threads: threads of the runtime.
        peak_mem_bytes: largest resident size of the runner's process; 0 when unknown.
        timing: what the runner found beside the times.
        traced: the tensors that were tapped, float32 [N, ...], by name.
        kernels: where the time goes, in the order in which they run; empty where nobody asked.
    """

    logits: NDArray[np.float32]
    runtime: str
    inputs: list[Json]
    load_ms: float
    first_ms: float
    times_ms: list[float]
    threads: int
    peak_mem_bytes: int
    timing: Timing = field(default_factory=Timing)
    traced: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    kernels: tuple[KernelTime, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What a Device said about itself.

    Attributes:
        works: whether bundles can run there.
        detail: what it is; what is wrong where it does not work.
        fix: what to do about it; empty where it works.
        machine: the processor's architecture, such as `aarch64`; empty where unknown.
        python: the interpreter's version there.
        runtimes: versions of the runtimes that bundles run with there, by package.
        free_bytes: room on the disk there; None where unknown.
    """

    works: bool
    detail: str
    fix: str = ""
    machine: str = ""
    python: str = ""
    runtimes: dict[str, str] = field(default_factory=dict)
    free_bytes: int | None = None


class Run(Protocol):
    """What runs a bundle: a Device is called for that."""

    def __call__(
        self, bundle: Path, inputs: Mapping[str, NDArray[np.float32]], request: Request = RUN
    ) -> RunnerResult:
        """Run a bundle's artifact and collect what came out.

        Args:
            bundle: folder with `manifest.json` and the artifact.
            inputs: float32 [N, ...] by input name.
            request: what to do beside running every sample.

        Raises:
            UnavailableError: when the Device or the artifact's runtime cannot be had.
            EdgekitError: when the runtime refuses the artifact, crashes or hangs.
        """


@runtime_checkable
class Device(Run, Protocol):
    """Where a bundle runs."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    @property
    def settings(self) -> DeviceSettings:
        """Where it is and what it needs."""

    def evidence(self, target: Target) -> Evidence:
        """Return what a run here proves about a Target."""

    def prepare(self, runner: str) -> None:
        """Put in place what bundles with this runner need, so that the first run need not.

        Raises:
            UnavailableError: when it cannot be had.
        """

    def probe(self) -> Probe:
        """Ask the Device about itself; what is wrong is an answer, not an error."""


def open_device(name: str, settings: DeviceSettings) -> Device:
    """Open a Device.

    Raises:
        InputError: when its URL names no transport.
    """
    if settings.transport not in TRANSPORTS:
        known = "local, emulated, emulated-x86 or ssh://user@host"
        raise InputError(f"device {name!r}: unknown url {settings.url!r}", f"Use {known}")
    return cast(Device, import_module(TRANSPORTS[settings.transport]).open_device(name, settings))


def device_named(name: "str | Device") -> Device:
    """Return a Device by name or URL; one that is open already is returned as it is.

    Names from project files are resolved by `known.find_device`.

    Raises:
        InputError: when there is no such Device.
    """
    if not isinstance(name, str):
        return name
    if name.partition(":")[0] not in TRANSPORTS:
        raise InputError(
            f"unknown device {name!r}",
            "Use local, emulated, emulated-x86, ssh://user@host or a name from [devices] in "
            "edgekit.toml",
        )
    return open_device(name, DeviceSettings.parse({"url": name}, "--device"))
