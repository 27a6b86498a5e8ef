"""What ran between two readings of the clock, and which of that was an operator.

A runtime that profiles itself asks the system for the time between its operators; qemu's plugin
notes what ran until then. The profile has each operator's kind and time, the notes have counts and
times of their own: the ones lie on the others in order, at one place only.
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
APART = 0.1
SKIPPED = 2  # readings between two operators that belong to neither, at most


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
    wanted = np.array([kernel.us * 1e3 for kernel in kernels])
    took = np.diff(readings.at_ns, prepend=readings.at_ns[:1])
    ends, apart = _laid(wanted, took) if len(took) >= len(wanted) else (None, np.inf)
    if ends is None or apart > APART * wanted.sum():
        raise EdgekitError(
            "the runtime's profile does not fit to what was counted between its operators",
            "Count again while less else runs here",
        )
    return [dict(zip(readings.classes, row, strict=True)) for row in readings.ran[ends].tolist()]


def _laid(wanted: NDArray[np.float64], took: NDArray[np.int64]) -> tuple[NDArray[np.intp], float]:
    """Lay the kernels' times, [K], on those between readings, [N], in order and closest by sum.

    The next kernel ends one reading after the one before, or up to `SKIPPED` later: a runtime that
    hands over to another library reads the clock there as well.

    Returns:
        which reading ends each kernel, [K], and the sum of the distances.
    """
    steps, came = np.zeros(len(took)), []
    for number, each in enumerate(wanted):
        if number:
            before = _behind(steps)
            came.append(before.argmin(axis=0))
            steps = before.min(axis=0)
        steps = steps + np.abs(took - each)
    last = int(np.argmin(steps))
    ends = [last]
    for step in reversed(came):
        ends.append(ends[-1] - 1 - int(step[ends[-1]]))
    return np.array(ends[::-1]), float(steps[last])


def _behind(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each reading the sums of those 1, 2, ... before it, [1 + SKIPPED, N]."""
    rows = [
        np.concatenate([np.full(by, np.inf), sums])[: len(sums)] for by in range(1, 2 + SKIPPED)
    ]
    return np.array(rows)
