"""What ran between two readings of the clock, and which of that was an operator.

A runtime that profiles itself asks the system for the time between its operators; qemu's plugin
notes what ran until then. The profile has each operator's kind and time, the notes have counts and
times of their own: they lie on top of each other at one place only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import KernelTime
from edgekit.errors import EdgekitError

# How far the plugin's times may be from the profiler's, of their sum: the system may take the
# processor away between the two.
APART = 0.05


@dataclass(frozen=True)
class Readings:
    """The readings of the clock, in order.

    Attributes:
        classes: the names of the classes of instructions.
        at_ns: int64 [N], when each was.
        ran: int64 [N, classes], the instructions since the reading before.
    """

    classes: tuple[str, ...]
    at_ns: NDArray[np.int64]
    ran: NDArray[np.int64]


def read_clocks(text: str) -> Readings:
    """Read what the plugin wrote: classes with their numbers, then a line for each reading."""
    classes = tuple(re.findall(r"^(\w+) \d+$", text, re.M))
    rows = [list(map(int, line.split())) for line in re.findall(r"^clock (.+)$", text, re.M)]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 1 + len(classes))
    return Readings(classes, table[:, 0], table[:, 1:])


def counts_of(kernels: Sequence[KernelTime], readings: Readings) -> list[dict[str, int]]:
    """Return the instructions of each kernel, by class.

    Args:
        kernels: of one inference, in the order in which they ran.
        readings: of the process in which they did.

    Raises:
        EdgekitError: when the two do not lie on top of each other.
    """
    ends = _ends(kernels)
    wanted = np.array([kernel.us * 1e3 for kernel in kernels])
    took = np.diff(readings.at_ns, prepend=readings.at_ns[:1])
    places = range(len(took) - ends[-1])
    apart = [float(np.abs(took[ends + place] - wanted).sum()) for place in places]
    if not apart or min(apart) > APART * wanted.sum():
        raise EdgekitError(
            "the runtime's profile does not fit to what was counted between its operators",
            "Count again while less else runs here",
        )
    rows = readings.ran[ends + int(np.argmin(apart))].tolist()
    return [dict(zip(readings.classes, row, strict=True)) for row in rows]


def _ends(kernels: Sequence[KernelTime]) -> NDArray[np.int64]:
    """Return which reading ends each kernel, counted from the one that begins the first."""
    steps = [1, *(1 if kernel.adjoins else 2 for kernel in kernels[1:])]
    return np.cumsum(steps)
