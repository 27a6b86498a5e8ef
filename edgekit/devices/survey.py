"""Ask several Devices at once what they are."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from edgekit.devices.device import Device
from edgekit.devices.runtimes import PACKAGES
from edgekit.errors import EdgekitError


def survey(devices: Sequence[Device], prepare: bool = False) -> list[dict[str, Any]]:
    """Probe Devices, all at once: one that does not answer holds up no other.

    Args:
        devices: the Devices.
        prepare: put every runtime in place there as well.

    Returns:
        for each its `name`, `url`, `faults` (lines about runtimes that cannot be had there), and
        what `Probe` says.
    """
    if not devices:
        return []
    with ThreadPoolExecutor(len(devices)) as pool:
        return list(pool.map(lambda device: _row(device, prepare), devices))


def _row(device: Device, prepare: bool) -> dict[str, Any]:
    probe = device.probe()
    faults = _faults(device) if prepare and probe.works else []
    works = probe.works and len(faults) < len(PACKAGES)
    named = {"name": device.name, "url": device.settings.url}
    return {**named, **probe.to_json(), "works": works, "faults": faults}


def _faults(device: Device) -> list[str]:
    faults = []
    for runner in PACKAGES:
        try:
            device.prepare(runner)
        except EdgekitError as error:
            faults.append(str(error))
    return faults
