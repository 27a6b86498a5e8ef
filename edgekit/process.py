"""Start a process and say how it ended: the one place that knows signals and time-outs."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgekit.errors import EdgekitError


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit status; the negative number of the signal that killed it.
        stdout: what it wrote.
        stderr: what it wrote there, decoded.
    """

    code: int
    stdout: bytes = b""
    stderr: str = ""

    @property
    def signal(self) -> str | None:
        """Name of the signal that killed it; None where it ended by itself."""
        if self.code >= 0:
            return None
        try:
            return signal.Signals(-self.code).name
        except ValueError:  # a real-time signal has no name
            return f"signal {-self.code}"

    def last_line(self, otherwise: str) -> str:
        """Return the last line of standard error, where libraries say what was wrong."""
        return (self.stderr.strip().splitlines() or [otherwise])[-1]


def finish(
    command: Sequence[str],
    timeout_s: float,
    hang: EdgekitError,
    environment: Mapping[str, str] | None = None,
    given: bytes | None = None,
) -> Ended:
    """Run a process to its end.

    Args:
        command: the program and its arguments; no shell reads them.
        timeout_s: when to kill it, seconds.
        hang: what is raised when it was killed for that.
        environment: its environment; this process's when left out.
        given: its standard input; nothing when left out.
    """
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL if given is None else None,
            input=given,
        )
    except subprocess.TimeoutExpired as error:
        raise hang from error
    return Ended(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
