"""How fast a candidate is beside the fp32 artifact: timed, or counted on the target's core.

A time says something only on a processor that the Target is for: which of two artifacts is the
faster one differs between kinds of processors. Where no such processor is at hand, what the
target's core would execute is counted on an emulated one and weighed with Arm's figures, and no
time of this machine decides anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgekit.devices.device import Device, device_named
from edgekit.devices.evidence import countable
from edgekit.errors import InputError
from edgekit.performance.count import count_bundle
from edgekit.performance.ratio import median_of
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import take_duets
from edgekit.results.ratio import Ratio
from edgekit.results.timing import Count
from edgekit.target import Target
from edgekit.verdict import Interval

EMULATED = "emulated"


@dataclass(frozen=True)
class Pace:
    """How fast an artifact is.

    Attributes:
        ratio: its latency, or its modelled cycles, over the fp32 artifact's.
        interval: 95% interval of that; counts have none.
        timed_on: processor and architecture.
        p50_ms: median latency, milliseconds; None where nothing was timed.
        cycles: modelled cycles of an inference; None where it was timed.
    """

    ratio: float
    interval: Interval
    timed_on: dict[str, object]
    p50_ms: float | None = None
    cycles: float | None = None


# A bundle, fp32's unless it is the same, and how carefully.
Measure = Callable[[Path, Path | None, BenchSettings], Pace]


def timed(device: Device) -> Measure:
    """Return what times on a Device, in pairs."""

    def pace(own: Path, other: Path | None, settings: BenchSettings) -> Pace:
        duets, ratio = take_duets(device, own, other, settings)
        found = ratio or Ratio(1.0, 1.0, 1.0, len(duets))
        where = duets[0].own.timing.environment
        p50 = median_of([value for duet in duets for value in duet.own.times_ms])
        told = {name: where[name] for name in ("processor", "machine")}
        return Pace(found.value, found.interval, told, p50_ms=p50)

    return pace


def counted(core: Device) -> Measure:
    """Return what counts on an emulated core; each bundle once."""
    known: dict[Path, Count] = {}

    def count(bundle: Path, settings: BenchSettings) -> Count:
        if bundle not in known:
            known[bundle] = count_bundle(bundle, settings, core)
        return known[bundle]

    def pace(own: Path, other: Path | None, settings: BenchSettings) -> Pace:
        mine, theirs = (_cycles(count(each, settings)) for each in (own, other or own))
        told: dict[str, object] = {"processor": count(own, settings).core, "machine": "aarch64"}
        return Pace(mine / theirs, (mine / theirs,) * 2, told, cycles=mine)

    return pace


def _cycles(found: Count) -> float:
    """Return the modelled cycles.

    Raises:
        InputError: when edgekit has no figures of the core.
    """
    if found.cycles is None:
        raise InputError(
            f"what instructions cost on {found.core} is not known",
            "Name another core, or a device of the target's own",
        )
    return found.cycles


def counting_core(target: Target, device: Device) -> Device | None:
    """Return the emulated core that stands for a Target's; None where a Device's time is taken.

    Args:
        target: for which device family.
        device: where candidates run.

    Raises:
        UnavailableError: when the Device cannot be asked what it is.
    """
    if device.settings.transport == EMULATED:
        return device
    probe = device.probe()
    return device_named(EMULATED) if countable(target, probe.machine) else None
