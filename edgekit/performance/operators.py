"""Where an inference's instructions go: a profile by operator, counted and not timed.

The runtime's own profiler tells which operators run, on an emulated core too; what they cost there
is counted. The profile is of one inference in a process of its own.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from edgekit.devices.cores import Cost, core_named
from edgekit.devices.device import Device, KernelTime
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError
from edgekit.performance.clocks import counts_of, read_clocks
from edgekit.performance.count import TIMEOUT_S
from edgekit.performance.counters import find_counter
from edgekit.performance.cycles import cycles
from edgekit.performance.take import sample
from edgekit.results.operators import Operator
from edgekit.results.timing import Count


def with_operators(count: Count, bundle: Path, device: Device) -> Count:
    """Return a count with what each operator has of it.

    Args:
        count: of this bundle on this device.
        bundle: the bundle's folder.
        device: an emulated ARM core.

    Raises:
        UnavailableError: when the artifact's runtime has no profiler.
        EdgekitError: when the runtime's profile does not tell what ran.
    """
    cost = core_named(count.core).cost if count.core else None
    found = _profile(bundle, device)
    operators = tuple(
        _operator(place, kernel, classes, count, cost)
        for place, (kernel, classes) in enumerate(found)
    )
    outside = count.instructions - sum(each.instructions for each in operators)
    return count.model_copy(update={"operators": operators, "outside": outside})


def _profile(bundle: Path, device: Device) -> list[tuple[KernelTime, dict[str, int]]]:
    """Return the kernels of an inference, each with its instructions by class."""
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        out = Path(scratch, "counts.txt")
        request = Request(profile=True, profile_runs=1, timeout_s=TIMEOUT_S)
        request = find_counter(device).counted(request, out)
        kernels = device(bundle, sample(bundle), replace(request, counts=out)).kernels
        if not kernels:
            raise EdgekitError(
                f"the runtime's profile of {bundle} is empty", "Leave --count operators out"
            )
        text = out.read_text(encoding="utf-8", errors="replace")
    return list(zip(kernels, counts_of(kernels, read_clocks(text)), strict=True))


def _operator(
    place: int, kernel: KernelTime, classes: Mapping[str, int], count: Count, cost: Cost | None
) -> Operator:
    own, instructions = cycles(classes, cost), sum(classes.values())
    share = instructions / count.instructions
    if own is not None and count.cycles is not None:
        share = own / count.cycles
    return Operator(
        place=place,
        kind=kernel.kind,
        names=kernel.nodes,
        instructions=instructions,
        classes={name: number for name, number in classes.items() if number},
        cycles=own,
        share=share,
    )
