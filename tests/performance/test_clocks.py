"""A profile laid on what was counted between readings of the clock."""

import numpy as np
import pytest

from edgekit.devices.device import KernelTime
from edgekit.errors import EdgekitError
from edgekit.performance.clocks import counts_of, read_clocks

# Two operators of a delegate, one of the runtime's own, another delegate with one.
KERNELS = (
    KernelTime("first", 500.0),
    KernelTime("second", 40.0),
    KernelTime("own", 300.0),
    KernelTime("last", 90.0),
)
# Microseconds and instructions up to each reading of the clock: what starts, four kernels between
# two of which the runtime works itself, what ends.
BEFORE = [(70, 7), (510, 11), (3, 1)]
RAN = [(500, 1000), (40, 200), (5, 9), (300, 700), (2, 8), (90, 150)]
AFTER = [(30, 3), (400, 40)]


def written(*rows):
    at, lines = 10**15, ["dot 3000", "rest 0"]
    for us, instructions in rows:
        at += us * 1000 + 37
        lines.append(f"clock {at} {instructions} 0")
    return "\n".join(lines) + "\n"


def test_readings_are_read_in_order():
    readings = read_clocks(written(*BEFORE))
    assert readings.classes == ("dot", "rest")
    assert readings.ran.tolist() == [[7, 0], [11, 0], [1, 0]]
    assert np.diff(readings.at_ns).tolist() == [510_037, 3_037]


def test_every_kernel_gets_what_ran_while_it_did():
    found = counts_of(KERNELS, read_clocks(written(*BEFORE, *RAN, *AFTER)))
    assert found == [{"dot": number, "rest": 0} for number in (1000, 200, 700, 150)]


@pytest.mark.parametrize("kernels", [KERNELS[:1] * 40, (KernelTime("long", 9e6), *KERNELS)])
def test_a_profile_of_something_else_is_one_line(kernels):
    with pytest.raises(EdgekitError, match="does not fit to what was counted") as caught:
        counts_of(kernels, read_clocks(written(*BEFORE, *RAN, *AFTER)))
    assert "\n" not in str(caught.value)
