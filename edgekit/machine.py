"""What machine this is, for the record of a measurement."""

import os
import platform
from pathlib import Path

from edgekit.record import Record


class Machine(Record):
    """What a measurement's machine is; no host name, no path.

    Attributes:
        processor: its name.
        cores: that this process may use.
        system: name, version and architecture.
        python: version.
    """

    processor: str
    cores: int | None
    system: str
    python: str


def machine() -> Machine:
    """Describe this machine."""
    allowed = getattr(os, "sched_getaffinity", None)
    return Machine(
        processor=_processor(),
        cores=len(allowed(0)) if allowed else os.cpu_count(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
