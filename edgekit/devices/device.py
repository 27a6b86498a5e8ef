"""A Device: where a runner runs. A transport, nothing more.

A new transport is one module with `NAME` and `run(...)`, like `local.py`, and one line in DEVICES.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError


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
        timing: what the runner found beside the times: `environment`, `cold_start_ms`, `warmup`
            and, where asked for, `pair`, `batch` and `sustained`; see `runner.py`.
    """

    logits: NDArray[np.float32]
    runtime: str
    inputs: list[dict[str, Any]]
    load_ms: float
    first_ms: float
    times_ms: list[float]
    threads: int
    peak_mem_bytes: int
    timing: dict[str, Any] = field(default_factory=dict)


class Run(Protocol):
    """How a transport runs a bundle; see `local.run`."""

    def __call__(self, bundle: Any, inputs: Any, **options: Any) -> RunResult:
        """Run it and collect what came out."""


DEVICES = {"local": "edgekit.devices.local"}


def device_named(name: str) -> Run:
    """Return the transport of a Device.

    Raises:
        InputError: when there is no such Device.
    """
    if name not in DEVICES:
        raise InputError(f"unknown device {name!r}", f"Use one of {', '.join(DEVICES)}")
    return cast(Run, import_module(DEVICES[name]).run)
