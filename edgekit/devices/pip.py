"""pip, asked in a process of its own; it takes packages from wherever it is set up to."""

import sys
from collections.abc import Sequence

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.process import finish

TIMEOUT_S = 900


class NoSuchPackageError(UnavailableError):
    """Nothing that pip can reach is what was asked for."""


def pip(*arguments: str, wanted: Sequence[str]) -> None:
    """Run pip.

    Args:
        arguments: its command and options.
        wanted: the requirements, which follow them.

    Raises:
        NoSuchPackageError: when there is no such version for that machine and Python.
        UnavailableError: when pip fails otherwise.
    """
    names = " ".join(wanted)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    hang = EdgekitError(f"pip took more than {TIMEOUT_S} s for {names}", "Check the network")
    ended = finish([*command, *arguments, *wanted], TIMEOUT_S, hang)
    if ended.code == 0:
        return
    said = _complaint(ended.stderr) or ended.last_line(f"exit code {ended.code}")
    # pip ends in this line as well where it could not reach its index; it then says so before.
    if "No matching distribution" in ended.stderr:
        raise NoSuchPackageError(f"pip finds no {names}: {said}", "Name another version")
    if "No module named pip" in ended.stderr:
        raise UnavailableError(f"cannot fetch {names}: there is no pip here", "Install pip")
    raise UnavailableError(f"pip cannot fetch {names}: {said}", "See what pip needs and try again")


def _complaint(stderr: str) -> str:
    """Return the first of pip's errors in one short line."""
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return errors[0].removeprefix("ERROR: ")[:300] if errors else ""
