"""A Device with the runtime's plain kernels, that fast ones are held against."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Device, Probe, RunnerResult
from edgekit.devices.request import RUN, Request
from edgekit.devices.settings import DeviceSettings
from edgekit.evidence import Evidence
from edgekit.target import Target


@dataclass(frozen=True)
class Plain:
    """The same place; bundles run there without what makes kernels fast.

    Attributes:
        device: the place.
    """

    device: Device

    @property
    def name(self) -> str:
        """The place and the kernels."""
        return f"{self.device.name}, plain kernels"

    @property
    def settings(self) -> DeviceSettings:
        """The place's own."""
        return self.device.settings

    def __call__(
        self,
        bundle: Path,
        inputs: Mapping[str, NDArray[np.float32]],
        request: Request = RUN,
    ) -> RunnerResult:
        """Run a bundle's artifact; see `device.Run`."""
        return self.device(bundle, inputs, replace(request, plain=True))

    def evidence(self, target: Target) -> Evidence:
        """Return what the place itself proves: an app never runs plain kernels, so never more."""
        return self.device.evidence(target)

    def prepare(self, runner: str) -> None:
        """Put in place what bundles need there."""
        self.device.prepare(runner)

    def probe(self) -> Probe:
        """Ask the place about itself."""
        return self.device.probe()
