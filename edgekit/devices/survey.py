"""Ask several Devices at once what they are."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from edgekit.devices.device import Device
from edgekit.devices.runtimes import PACKAGES
from edgekit.errors import EdgekitError
from edgekit.record import Record


class DeviceReport(Record):
    """What a Device is, and what is missing there.

    Attributes:
        name: what the user calls it.
        url: where it is.
        works, detail, fix, machine, python, runtimes, free_bytes: see `Probe`.
        faults: lines about runtimes that cannot be had there.
    """

    name: str
    url: str
    works: bool
    detail: str
    fix: str
    machine: str
    python: str
    runtimes: dict[str, str]
    free_bytes: int | None
    faults: tuple[str, ...]


def survey(devices: Sequence[Device], prepare: bool = False) -> list[DeviceReport]:
    """Probe Devices, all at once: one that does not answer holds up no other.

    Args:
        devices: the Devices.
        prepare: put every runtime in place there as well.
    """
    if not devices:
        return []
    with ThreadPoolExecutor(len(devices)) as pool:
        return list(pool.map(lambda device: _report(device, prepare), devices))


def _report(device: Device, prepare: bool) -> DeviceReport:
    probe = device.probe()
    faults = _faults(device) if prepare and probe.works else []
    return DeviceReport(
        name=device.name,
        url=device.settings.url,
        works=probe.works and len(faults) < len(PACKAGES),
        detail=probe.detail,
        fix=probe.fix,
        machine=probe.machine,
        python=probe.python,
        runtimes=probe.runtimes,
        free_bytes=probe.free_bytes,
        faults=tuple(faults),
    )


def _faults(device: Device) -> list[str]:
    faults = []
    for runner in PACKAGES:
        try:
            device.prepare(runner)
        except EdgekitError as error:
            faults.append(str(error))
    return faults
