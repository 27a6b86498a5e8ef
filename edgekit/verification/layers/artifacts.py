"""Traces of artifacts on disk: the tensors inside of them, as a Device's runtime computes them.

What knows a file's tensors is the module that a Runtime names as `tracer`. It offers

    trace(run, path, layers, plain) -> Trace    asks `run` for tensors, and tells whose they are
    operators(path, layers) -> list[Layer]      what `trace` can tell apart in that very file

and runs nothing itself: `run(path, tensors)` has a Device run the artifact, or an edited copy of
it, and returns those tensors by name, and the logits as LOGITS.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Device
from edgekit.devices.request import Request
from edgekit.errors import UnavailableError
from edgekit.files import writing
from edgekit.manifest import Manifest, read_manifest, write_manifest
from edgekit.runtimes import runtime_of
from edgekit.verification.kernels import plain_of
from edgekit.verification.layers.compare import Row, Trace, compare
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.undisturbed import LOGITS

KERNEL_SAMPLES = 2  # every tensor of the file is held twice for each
Inputs = tuple[NDArray[np.float32], ...]
Tapped = Callable[[Path, Sequence[str]], Trace]


def tracer_of(runner: str) -> str | None:
    """Name the module that shows a runtime's tensors; None where nothing here does.

    Args:
        runner: of the bundle's manifest.
    """
    runtime = runtime_of(runner)
    name = runtime.tracer if runtime else None
    return name if name is None or "." in name else f"edgekit.verification.layers.{name}"


def trace_artifact(
    device: Device, bundle: Path, inputs: Inputs, layers: Sequence[Layer], plain: bool = False
) -> Trace:
    """Run a bundle's artifact and return the tensors of some layers, float32 [N, C, ...].

    Args:
        device: where it runs.
        bundle: its folder.
        inputs: float32 [N, ...] each, in the student's order.
        layers: of the float Program; those that the artifact does not show are left out.
        plain: with the runtime's plain kernels, where it has some, instead of those that the
            artifact runs with.

    Raises:
        UnavailableError: when nothing shows that runtime's tensors.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    manifest = read_manifest(bundle)
    plain = plain and plain_of(manifest.runner) is not None
    run = _Run(device, bundle, manifest, inputs, plain)
    found: Trace = _tracer(manifest).trace(run, bundle / manifest.artifact, layers, plain)
    return found


def kernel_rows(device: Device, bundle: Path, inputs: Inputs, layers: Sequence[Layer]) -> list[Row]:
    """Compare the kernels that an artifact runs with, on a Device, with the runtime's plain ones.

    Args:
        device: where it runs.
        bundle: its folder.
        inputs: float32 [N, ...] each, in the student's order; the first two samples are run.
        layers: of the float Program.

    Returns:
        the artifact's own operators in their order, the plain kernels' result as what is right.

    Raises:
        UnavailableError: when nothing shows that runtime's tensors.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    manifest = read_manifest(bundle)
    own = _tracer(manifest).operators(bundle / manifest.artifact, layers)
    few = tuple(array[:KERNEL_SAMPLES] for array in inputs)
    right, other = (trace_artifact(device, bundle, few, own, plain) for plain in (True, False))
    return compare(own, right, other)


def _tracer(manifest: Manifest) -> Any:
    name = tracer_of(manifest.runner)
    if name is None:
        raise UnavailableError(
            f"nothing here shows the tensors inside {manifest.artifact}", "Compare another target"
        )
    return import_module(name)


@dataclass(frozen=True)
class _Run:
    """A Device that runs an artifact, or a copy of it with more outputs, and brings tensors back.

    Attributes:
        device: where.
        bundle: the artifact's.
        manifest: the bundle's.
        inputs: float32 [N, ...] each, in the student's order.
        plain: with the runtime's plain kernels.
    """

    device: Device
    bundle: Path
    manifest: Manifest
    inputs: Inputs
    plain: bool

    def __call__(self, path: Path, tensors: Sequence[str]) -> Trace:
        if path == self.bundle / self.manifest.artifact:
            return self._run(self.bundle, tensors)
        with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
            with writing(Path(scratch)):
                path.rename(Path(scratch, self.manifest.artifact))
                write_manifest(self.manifest, Path(scratch))
            return self._run(Path(scratch), tensors)

    def _run(self, bundle: Path, tensors: Sequence[str]) -> Trace:
        names = [spec.name for spec in self.manifest.signature.inputs]
        request = Request(plain=self.plain, taps=tuple(dict.fromkeys(tensors)))
        found = self.device(bundle, dict(zip(names, self.inputs, strict=True)), request)
        return {**found.traced, LOGITS: found.logits}
