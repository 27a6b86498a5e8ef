"""This machine as a Device: the runner in a fresh process."""

import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.archive import write_runner
from edgekit.devices.collect import LEFT, collected, hanging
from edgekit.devices.device import Probe, RunnerResult
from edgekit.devices.evidence import evidence_for
from edgekit.devices.request import RUN, Request
from edgekit.devices.runtimes import MODULES, installed, parsed, refuse_unfit
from edgekit.devices.sessions import session_places
from edgekit.devices.settings import OWN, DeviceSettings
from edgekit.evidence import Evidence
from edgekit.files import save_array, writing
from edgekit.manifest import read_manifest
from edgekit.process import finish
from edgekit.target import Target

NAME = "local"
TIMEOUT_S = 600.0
# The runner stands alone: nothing of the caller's Python path may leak into it.
ALONE = {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    bundle: Path,
    inputs: Mapping[str, NDArray[np.float32]],
    request: Request = RUN,
    python: Sequence[str] = (sys.executable,),
    environment: Mapping[str, str] = ALONE,
) -> RunnerResult:
    """Run a bundle's artifact in a process of its own.

    Args:
        bundle: folder with `manifest.json` and the artifact.
        inputs: float32 [N, ...] by input name.
        request: what to do beside running every sample.
        python: what starts the interpreter.
        environment: what is set beside this process's environment.

    Raises:
        UnavailableError: when the artifact's runtime does not run here.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        source, target = Path(scratch, "inputs"), Path(scratch, "outputs")
        with writing(source):
            source.mkdir()
            for name, array in inputs.items():
                save_array(source / f"{name}.npy", array)
            runner = write_runner(Path(scratch))
        command = [*request.launcher, *python, *map(str, (runner, bundle, source, target))]
        command += request.flags()
        command += [part for place in session_places() for part in ("--session", place)]
        if request.against is not None:
            command += ["--against", str(request.against)]
        timeout_s = request.timeout_s or TIMEOUT_S
        hang = hanging(bundle, timeout_s)
        ended = finish(command, timeout_s, hang, {**os.environ, **environment})
        left = {name: (target / name).read_bytes() for name in LEFT if (target / name).is_file()}
        return collected(ended, left, request, bundle, "here")


@dataclass(frozen=True)
class Local:
    """This machine, with the runtime that is installed here or with another one."""

    name: str
    settings: DeviceSettings

    def __call__(
        self,
        bundle: Path,
        inputs: Mapping[str, NDArray[np.float32]],
        request: Request = RUN,
    ) -> RunnerResult:
        """Run a bundle's artifact; see `run`."""
        request = request.within(self.settings.timeout_s)
        if self.settings.runtime in (None, OWN):
            return run(bundle, inputs, request)
        refuse_unfit(parsed(str(self.settings.runtime)), read_manifest(bundle).runner)
        return run(bundle, inputs, request, (str(self._python()),))

    def _python(self) -> Path:
        from edgekit.devices.environments import environment_for

        return environment_for(parsed(str(self.settings.runtime)))

    def evidence(self, target: Target) -> Evidence:
        """Return what a run here proves: never more than the Target says of this machine."""
        return evidence_for(target, Evidence.HOST, platform.machine())

    def prepare(self, runner: str) -> None:
        """Make the environment of another runtime, where one is asked for."""
        if self.settings.runtime not in (None, OWN):
            refuse_unfit(parsed(str(self.settings.runtime)), runner)
            self._python()

    def probe(self) -> Probe:
        """Say what is installed here."""
        here = {package: installed(package) for package in ("numpy", *MODULES)}
        return Probe(
            works=True,
            detail=f"this machine, {platform.system()} {platform.release()}",
            machine=platform.machine(),
            python=platform.python_version(),
            runtimes={package: found for package, found in here.items() if found},
        )


def open_device(name: str, settings: DeviceSettings) -> Local:
    """Open this machine."""
    return Local(name, settings)
