"""A Device: where a runner runs. A transport, nothing more.

A new transport is one module with `open_device(name, settings)`, like `local.py`, and one line in
TRANSPORTS.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.export.target import Evidence, Target
from edgekit.process import Ended

# By the first part of a Device's URL.
TRANSPORTS = {
    "local": "edgekit.devices.local",
    "emulated": "edgekit.devices.emulated",
    "ssh": "edgekit.devices.ssh",
}
REASON = 300  # characters of a runtime's message that fit into a line
NOT_HERE = 3  # the runner's exit code where the runtime is not installed


@dataclass(frozen=True)
class RunResult:
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
    """

    logits: NDArray[np.float32]
    runtime: str
    inputs: list[dict[str, Any]]
    load_ms: float
    first_ms: float
    times_ms: list[float]
    threads: int
    peak_mem_bytes: int


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

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


class Run(Protocol):
    """What runs a bundle: a Device is called for that."""

    def __call__(
        self, bundle: Path, inputs: Mapping[str, NDArray[np.float32]], **options: Any
    ) -> RunResult:
        """Run a bundle's artifact and collect what came out.

        Args:
            bundle: folder with `manifest.json` and the artifact.
            inputs: float32 [N, ...] by input name.
            options: `timeout_s`, when to give up, seconds; `against`, where the signature has it,
                a bundle to time in the same process; `extra`, further arguments of the runner; all
                others are the runner's own flags, such as `threads`, `warmup` and `runs`.

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
        known = "local, emulated or ssh://user@host"
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
            "Use local, emulated, ssh://user@host or a name from [devices] in edgekit.toml",
        )
    return open_device(name, DeviceSettings.parse({"url": name}, "--device"))


def flags(options: Mapping[str, Any]) -> list[str]:
    """Write options as the runner's arguments."""
    named = ((f"--{name.replace('_', '-')}", str(value)) for name, value in options.items())
    return [part for pair in named for part in pair]


def collected(ended: Ended, result: bytes, logits: bytes, bundle: Path, where: str) -> RunResult:
    """Turn what a runner left into a result, or its end into one line.

    Args:
        ended: how the runner ended.
        result: `result.json`; empty where there is none.
        logits: `logits.npy`; empty where there is none.
        bundle: what ran, for the message.
        where: where it ran, for the message: `here`, or `on` and a name.

    Raises:
        UnavailableError: when the artifact's runtime does not run there.
        EdgekitError: when the runtime refused the artifact or crashed, or the result is damaged.
    """
    _raise_unless_done(ended, result, bundle, where)
    try:
        found = json.loads(result)
        known = RunResult.__dataclass_fields__.keys() & found.keys()
        kept = {name: found[name] for name in known}
        return RunResult(logits=np.load(io.BytesIO(logits), allow_pickle=False), **kept)
    except (ValueError, TypeError, AttributeError, EOFError) as error:
        raise EdgekitError(
            f"the result of running {bundle} {where} is damaged or cut short",
            "Check that there is room on its disk and run it again",
        ) from error


def _raise_unless_done(ended: Ended, result: bytes, bundle: Path, where: str) -> None:
    place = "" if where == "here" else f" {where}"
    if ended.signal:
        raise EdgekitError(
            f"the runtime crashed on {bundle}{place} with {ended.signal}",
            "Export it again or in another precision",
        )
    if ended.code == 0:
        return
    try:
        reason = str(json.loads(result)["error"])
    except (ValueError, KeyError, TypeError):
        reason = ended.last_line(f"exit code {ended.code}")
    reason = _shortened((reason.splitlines() or ["no message"])[0])
    if ended.code == NOT_HERE:
        raise UnavailableError(f"cannot run {bundle} {where}: {reason}", "See edgekit doctor")
    raise EdgekitError(f"the runtime refuses {bundle}{place}: {reason}", "Export it again")


def _shortened(reason: str) -> str:
    """Cut the middle out of a long message: runtimes say what is wrong at its end."""
    return reason if len(reason) <= REASON else f"{reason[:100]} ... {reason[-REASON + 105 :]}"


def hanging(bundle: Path, timeout_s: float, where: str = "here") -> EdgekitError:
    """Return the error of a run that took too long."""
    place = "" if where == "here" else f" {where}"
    return EdgekitError(
        f"running {bundle}{place} took more than {timeout_s:g} s",
        "The runtime hangs on it; export it again or in another precision",
    )
