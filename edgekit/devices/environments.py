"""Environments of their own for runtimes that cannot live beside edgekit's, such as old ones."""

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from edgekit.devices.cache import cached
from edgekit.devices.pip import NoSuchPackageError, pip
from edgekit.devices.runtimes import MODULES, Requirement
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.hashes import sha256_json
from edgekit.process import Ended, finish

STEP_S = 120
# Runtimes end their support for a Python before edgekit does: another one on this machine may do.
_OTHERS = tuple(f"python3.{minor}" for minor in (13, 12, 11, 10, 9, 8))


def environment_for(requirement: Requirement) -> Path:
    """Return the interpreter of an environment that holds a runtime and nothing of edgekit's.

    It is made once, in the user's cache.

    Raises:
        UnavailableError: when no Python here can have that runtime, with what pip said.
    """
    try:
        return _environment(requirement, sys.executable)
    except NoSuchPackageError:
        for python in filter(None, map(shutil.which, _OTHERS)):
            with suppress(UnavailableError):  # what the first one said is what the user can use
                return _environment(requirement, python)
        raise


def _environment(requirement: Requirement, python: str) -> Path:
    key = sha256_json([str(requirement), requirement.numpy, python, platform.machine()])[:12]
    folder = cached(
        "environments",
        f"{requirement.package}-{requirement.version}-{key}",
        lambda place: _make(place, python, requirement),
    )
    return folder / "bin" / "python"


def _make(folder: Path, python: str, requirement: Requirement) -> None:
    """Install the runtime; an older numpy goes with it where it does not work with today's."""
    _checked([python, "-m", "venv", "--without-pip", str(folder)], "venv")
    inside = str(folder / "bin" / "python")
    pip("--python", inside, "install", "--quiet", wanted=(str(requirement), requirement.numpy))
    fault = _import_fault(inside, requirement)
    if fault and requirement.numpy == "numpy":
        pip("--python", inside, "install", "--quiet", wanted=(str(requirement), "numpy<2"))
        fault = _import_fault(inside, requirement)
    if fault:
        raise UnavailableError(
            f"{requirement} installs and does not import: {fault}", "Name another version"
        )


def _import_fault(python: str, requirement: Requirement) -> str:
    """Import the runtime; return what went wrong, "" where nothing did."""
    ended = _finished([python, "-c", f"import {MODULES[requirement.package]}"])
    return "" if ended.code == 0 else ended.signal or ended.last_line("no message")[:200]


def _checked(command: Sequence[str], what: str) -> None:
    ended = _finished(command)
    if ended.code:
        said = ended.last_line(ended.stdout.decode(errors="replace").strip()[-300:])
        raise UnavailableError(f"cannot make an environment: {said}", f"Install Python's {what}")


def _finished(command: Sequence[str]) -> Ended:
    hang = EdgekitError(f"{command[0]} took more than {STEP_S} s", "Try again on a quieter machine")
    alone = {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return finish(command, STEP_S, hang, {**os.environ, **alone})
