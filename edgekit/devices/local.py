"""This machine as a Device: the runner in a fresh process."""

import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.collect import collected, hanging
from edgekit.devices.device import Probe, RunResult, flags
from edgekit.devices.evidence import evidence_for
from edgekit.devices.runtimes import MODULES, installed, parsed, refuse_unfit
from edgekit.devices.settings import OWN, DeviceSettings
from edgekit.evidence import Evidence
from edgekit.files import save_array, writing
from edgekit.manifest import read_manifest
from edgekit.process import finish
from edgekit.target import Target

NAME = "local"
RUNNER = Path(__file__).with_name("runner.py")
TIMEOUT_S = 600.0
# The runner stands alone: nothing of the caller's Python path may leak into it.
ALONE = {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    bundle: Path,
    inputs: Mapping[str, NDArray[np.float32]],
    *,
    timeout_s: float = TIMEOUT_S,
    python: Sequence[str] = (sys.executable,),
    environment: Mapping[str, str] = ALONE,
    against: Path | None = None,
    extra: Sequence[str] = (),
    launcher: Sequence[str] = (),
    **options: Any,
) -> RunResult:
    """Run a bundle's artifact in a process of its own.

    Args:
        bundle: folder with `manifest.json` and the artifact.
        inputs: float32 [N, ...] by input name.
        timeout_s: when to give up, seconds.
        python: what starts the interpreter.
        environment: what is set beside this process's environment.
        against: a bundle to time in the same process, in turns with this one.
        extra: further arguments of the runner.
        launcher: command that starts the interpreter's, such as a profiler.
        options: the runner's own flags: `threads`, `warmup`, `runs` and so on.

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
        other = {} if against is None else {"against": against}
        command = [*launcher, *python, str(RUNNER), str(bundle), str(source), str(target)]
        command += [*flags({**options, **other}), *extra]
        hang = hanging(bundle, timeout_s)
        ended = finish(command, timeout_s, hang, {**os.environ, **environment})
        result, logits = (_read(target / name) for name in ("result.json", "logits.npy"))
        return collected(ended, result, logits, bundle, "here")


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@dataclass(frozen=True)
class Local:
    """This machine, with the runtime that is installed here or with another one."""

    name: str
    settings: DeviceSettings

    def __call__(
        self,
        bundle: Path,
        inputs: Mapping[str, NDArray[np.float32]],
        *,
        against: Path | None = None,
        **options: Any,
    ) -> RunResult:
        """Run a bundle's artifact; see `run`."""
        given: dict[str, Any] = {"timeout_s": self.settings.timeout_s or TIMEOUT_S}
        if self.settings.runtime not in (None, OWN):
            requirement = parsed(str(self.settings.runtime))
            refuse_unfit(requirement, read_manifest(bundle).runner)
            given["python"] = (str(self._python()),)
        return run(bundle, inputs, **{**given, "against": against, **options})

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
