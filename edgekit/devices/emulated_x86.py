"""An x86-64 core with other instruction sets as a Device: this Python and its runtimes under qemu.

Runtimes choose their kernels by what the processor offers, and kernels round differently. This
shows what an artifact computes on a processor without AVX-512 or VNNI, or without AVX, on any
x86-64 Linux. It says nothing about how fast it is there.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Probe, RunnerResult
from edgekit.devices.evidence import evidence_for
from edgekit.devices.local import Local
from edgekit.devices.qemu import TIMEOUT_S, qemu, refuse_timing
from edgekit.devices.request import RUN, Request
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.evidence import Evidence
from edgekit.target import Target

MACHINE = "x86_64"
CPU = "Haswell"  # AVX2 and neither AVX-512 nor VNNI


@dataclass(frozen=True)
class EmulatedX86:
    """A core of this machine's architecture, with the instruction sets of another processor."""

    name: str
    settings: DeviceSettings

    def __call__(
        self, bundle: Path, inputs: Mapping[str, NDArray[np.float32]], request: Request = RUN
    ) -> RunnerResult:
        """Run a bundle's artifact on the emulated core.

        Raises:
            UnavailableError: also when it shall be timed.
        """
        refuse_timing(request)
        request = request.within(self.settings.timeout_s or TIMEOUT_S)
        return self._here(bundle, inputs, replace(request, launcher=self.launcher()))

    @property
    def cpu(self) -> str:
        """Which core it is, as qemu names it."""
        return self.settings.cpu or CPU

    def launcher(self) -> tuple[str, ...]:
        """Return what starts a program on this core, before the program's own command.

        Raises:
            UnavailableError: when there is no emulator for it here.
        """
        return self._emulator(), "-cpu", self.cpu

    @property
    def _here(self) -> Local:
        """What is emulated: this machine's interpreter with its runtimes, or those asked for."""
        return Local(self.name, self.settings)

    def _emulator(self) -> str:
        if (platform.system(), platform.machine()) != ("Linux", MACHINE):
            raise UnavailableError(
                f"the emulated x86 core needs an x86-64 Linux, this is {platform.system()} on "
                f"{platform.machine()}",
                "Use an x86 machine over ssh",
            )
        return qemu(MACHINE)

    def evidence(self, target: Target) -> Evidence:
        """Return `emulated` where the core is of the kind that the Target is for."""
        return evidence_for(target, Evidence.EMULATED, MACHINE)

    def prepare(self, runner: str) -> None:
        """Make the environment of another runtime, where one is asked for."""
        self._emulator()
        self._here.prepare(runner)

    def probe(self) -> Probe:
        """Say what is missing for it."""
        try:
            emulator = self._emulator()
        except EdgekitError as error:
            return Probe(works=False, detail=error.what, fix=error.fix)
        here = self._here.probe()
        detail = f"{self.cpu} under {Path(emulator).name}"
        return Probe(True, detail, machine=MACHINE, python=here.python, runtimes=here.runtimes)


def open_device(name: str, settings: DeviceSettings) -> EmulatedX86:
    """Open an emulated core; nothing is made yet."""
    return EmulatedX86(name, settings)
