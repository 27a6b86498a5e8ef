"""An emulated ARM core as a Device: the runtimes' own aarch64 builds under qemu, on any x86 Linux.

It shows what the runtime's ARM kernels compute, and counts the instructions that they take. How
long those take it does not know.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices import sysroot
from edgekit.devices.board import unpack
from edgekit.devices.cache import cached
from edgekit.devices.cores import Core, core_named
from edgekit.devices.counting import flags, loading_qemu, plugin
from edgekit.devices.device import Probe, RunnerResult
from edgekit.devices.evidence import evidence_for
from edgekit.devices.local import ALONE, run
from edgekit.devices.qemu import TIMEOUT_S, qemu, refuse_timing, refuse_unknown, tool
from edgekit.devices.request import RUN, Request
from edgekit.devices.runtimes import (
    PACKAGES,
    parsed,
    refuse_interpreter,
    refuse_system,
    refuse_unfit,
)
from edgekit.devices.settings import OWN, DeviceSettings
from edgekit.devices.wheels import Board, wheels_for
from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.evidence import Evidence
from edgekit.hashes import sha256_file, sha256_json
from edgekit.manifest import read_manifest
from edgekit.target import Target

CPU = "cortex-a76"  # as in a Raspberry Pi 5 or a phone
BOARD = Board(sysroot.MACHINE, "Linux", sysroot.PYTHON, sysroot.LIBC)


@dataclass(frozen=True)
class Emulated:
    """A core of another processor."""

    name: str
    settings: DeviceSettings

    def __call__(
        self, bundle: Path, inputs: Mapping[str, NDArray[np.float32]], request: Request = RUN
    ) -> RunnerResult:
        """Run a bundle's artifact on the emulated core.

        Raises:
            UnavailableError: also when it shall be timed and not counted.
            InputError: when neither qemu nor edgekit knows the core.
        """
        refuse_timing(request)
        site, root = self._site(read_manifest(bundle).runner), self._root()
        interpreter = str(root / "usr/bin" / f"python{sysroot.PYTHON}")
        request = request.within(self.settings.timeout_s or TIMEOUT_S)
        python = [*self._core(request), "-cpu", self.cpu, "-L", str(root), interpreter]
        return run(bundle, inputs, request, python, {**ALONE, "PYTHONPATH": str(site)})

    @property
    def cpu(self) -> str:
        """Which core it is, as qemu names it."""
        return self.settings.cpu or CPU

    @property
    def core(self) -> Core:
        """What edgekit knows of it.

        Raises:
            InputError: when that is nothing.
        """
        return core_named(self.cpu)

    def _root(self) -> Path:
        """Return the folder of the system as it is on this core."""
        core = self.core
        refuse_unknown(qemu(sysroot.MACHINE), self.cpu)
        return sysroot.sysroot_of(core)

    def _core(self, request: Request) -> list[str]:
        """Return what starts qemu, counting where that is asked for."""
        if request.counts is None:
            return [qemu(sysroot.MACHINE)]
        caches = self.core.caches if request.memory else None
        counting = flags(request.counts, request.threads, request.profile, caches)
        return [loading_qemu(), *counting]

    def _site(self, runner: str) -> Path:
        """Return the folder of the runtime's unpacked wheels."""
        refuse_interpreter(runner, self.name)
        if runner not in PACKAGES:
            refuse_system(runner, f"cannot run it on {self.name}", "Linux")
        if self.settings.runtime == OWN:
            raise InputError(
                f"device {self.name!r}: an emulated core has no runtime of its own",
                "Leave `runtime` out or name a version",
            )
        asked = parsed(self.settings.runtime) if self.settings.runtime else None
        if asked:
            refuse_unfit(asked, runner)
        wheels = wheels_for(BOARD, runner, asked)
        name = sha256_json([sha256_file(wheel) for wheel in wheels])[:16]

        def make(folder: Path) -> None:
            unpack([str(wheel) for wheel in wheels], str(folder / "site"))

        return cached("sites", name, make) / "site"

    def evidence(self, target: Target) -> Evidence:
        """Return `emulated` where the core is of the kind that the Target is for."""
        return evidence_for(target, Evidence.EMULATED, sysroot.MACHINE)

    def prepare(self, runner: str) -> None:
        """Make the system, unpack the runtime, build what counts where its tools are here."""
        self._root()
        self._site(runner)
        with suppress(UnavailableError):  # who only verifies needs no compiler
            plugin()

    def probe(self) -> Probe:
        """Say what is missing for it; nothing is fetched."""
        try:
            emulator = qemu(sysroot.MACHINE)
            tool("debootstrap", "debootstrap")
            tool("dpkg-deb", "dpkg")
        except EdgekitError as error:
            return Probe(works=False, detail=error.what, fix=error.fix)
        return Probe(
            works=True,
            detail=f"{self.cpu} under {Path(emulator).name}",
            machine=sysroot.MACHINE,
            python=sysroot.PYTHON,
        )


def open_device(name: str, settings: DeviceSettings) -> Emulated:
    """Open an emulated core; nothing is made yet."""
    return Emulated(name, settings)
