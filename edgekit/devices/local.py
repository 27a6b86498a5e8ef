"""This machine as a Device: the runner in a fresh process."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import RunResult
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.files import save_array, writing

RUNNER = Path(__file__).with_name("runner.py")
NAME = "local"


def run(
    bundle: Path,
    inputs: Mapping[str, NDArray[np.float32]],
    *,
    threads: int = 1,
    warmup: int = 0,
    runs: int = 0,
    timeout_s: float = 600.0,
    against: Path | None = None,
    extra: Sequence[str] = (),
    launcher: Sequence[str] = (),
) -> RunResult:
    """Run a bundle's artifact in a process of its own.

    Args:
        bundle: folder with `manifest.json` and the artifact.
        inputs: float32 [N, ...] by input name.
        threads: threads of the runtime.
        warmup: untimed runs before the timed ones; -1 for as many as it takes.
        runs: timed runs of the first sample.
        timeout_s: when to give up, seconds.
        against: a bundle to time in the same process, in turns with this one.
        extra: further arguments of the runner.
        launcher: command that starts the runner's, such as a profiler.

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
        command = [*_interpreter(launcher), str(bundle), str(source), str(target), *extra]
        figures = {"--threads": threads, "--warmup": warmup, "--runs": runs}
        if against is not None:
            command += ["--against", str(against)]
        command += [part for flag, value in figures.items() for part in (flag, str(value))]
        _start(command, bundle, target, timeout_s)
        result = json.loads((target / "result.json").read_text(encoding="utf-8"))
        return RunResult(logits=np.load(target / "logits.npy", allow_pickle=False), **_kept(result))


def _interpreter(launcher: Sequence[str]) -> list[str]:
    return [*launcher, sys.executable, str(RUNNER)]


def _start(command: list[str], bundle: Path, outputs: Path, timeout_s: float) -> None:
    # The runner stands alone: nothing of the caller's Python path may leak into it.
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=timeout_s, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EdgekitError(
            f"running {bundle} took more than {timeout_s:g} s",
            "The runtime hangs on it; export it again or in another precision",
        ) from error
    if done.returncode == 0:
        return
    if done.returncode < 0:
        raise EdgekitError(
            f"the runtime crashed on {bundle} with {signal.Signals(-done.returncode).name}",
            "Export it again or in another precision",
        )
    _raise_reported(outputs, bundle, done.returncode, done.stderr.decode(errors="replace"))


def _raise_reported(outputs: Path, bundle: Path, code: int, stderr: str) -> None:
    try:
        result = outputs / "result.json"
        reason = str(json.loads(result.read_text(encoding="utf-8"))["error"])
    except (OSError, ValueError, KeyError):
        reason = (stderr.strip().splitlines() or [f"exit code {code}"])[-1]
    reason = reason.splitlines()[0][:300]
    if code == 3:
        raise UnavailableError(f"cannot run {bundle} here: {reason}", "See edgekit doctor")
    raise EdgekitError(f"the runtime refuses {bundle}: {reason}", "Export it again")


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in RunResult.__dataclass_fields__ if name != "logits"}
