"""Kernels of this processor that are wrong while the file is right."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Device
from edgekit.devices.plain import Plain
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.manifest import read_manifest
from edgekit.results.cause import Cause
from edgekit.results.layers import WrongLayer
from edgekit.target import target_named
from edgekit.verification.causes.cause import explains
from edgekit.verification.kernels import advised, described, foreign
from edgekit.verification.tensors import sqnr

Inputs = Mapping[str, NDArray[np.float32]]
# What `other_kernel` returns for some inputs.
Where = Callable[[Inputs], WrongLayer | None]


def find_kernel(
    bundle: Path,
    device: Device,
    batches: Iterable[tuple[Inputs, NDArray[np.float32]]],
    where: Where,
) -> Cause | None:
    """Find out whether plain kernels bring the same file to the student.

    Args:
        bundle: its folder.
        device: where it runs.
        batches: samples to try, float32 [N, ...] by input, with the student's logits [N, C].
        where: names the first operator that is computed otherwise.
    """
    for inputs, reference in batches:
        fast = device(bundle, inputs)
        try:
            plain = Plain(device)(bundle, inputs)
        except UnavailableError:  # that runtime has no plain kernels
            return None
        if explains(sqnr(reference, plain.logits), sqnr(reference, fast.logits)):
            return _cause(bundle, fast.timing.environment, _place(where, inputs))
    return None


def _place(where: Where, inputs: Inputs) -> str:
    try:
        found = where(inputs)
    except EdgekitError:  # nothing here shows that runtime's tensors
        return ""
    return "" if found is None else f"{found.group} {found.layer}"


def _cause(bundle: Path, environment: Mapping[str, object], first: str) -> Cause:
    manifest = read_manifest(bundle)
    target = target_named(manifest.target)
    return Cause(
        kind="kernel",
        what=described(manifest.runner, environment, first),
        advice=advised(manifest.runner, environment, target),
        foreign=foreign(target, str(environment.get("machine"))),
    )
