"""Figures against budgets: the worst decides."""

import numpy as np
import pytest

from edgekit.devices.device import RunnerResult
from edgekit.performance.judge import judge
from edgekit.performance.pairs import Pair
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import Measured
from edgekit.results.ratio import Ratio

GOOD, BAD, OPEN = (Ratio((a * b) ** 0.5, a, b, 6) for a, b in ((0.5, 0.9), (1.1, 2), (0.9, 1.1)))


def measured(ratio, levels=(1.9, 2.0, 2.1)):
    """What pairs with these medians and this ratio would have left."""
    runs = [RunnerResult(np.zeros((1, 2)), "", [], 1.0, 1.0, [ms], 1, 1) for ms in levels]
    return Measured([Pair(run) for run in runs], ratio, [], [])


@pytest.mark.parametrize(
    ("ratio", "budget", "verdict", "lines"),
    [
        (GOOD, None, "pass", 0),
        (BAD, None, "fail", 1),
        (OPEN, None, "inconclusive", 1),
        (None, None, "pass", 0),
        (None, 1.0, "fail", 1),
        (None, 2.0, "inconclusive", 1),
        (None, 3.0, "pass", 0),
        (OPEN, 1.0, "fail", 2),
        (BAD, 1.0, "fail", 2),
    ],
)
def test_the_worst_figure_decides(ratio, budget, verdict, lines):
    settings = BenchSettings(max_p50_ms=budget)
    found, reasons = judge(measured(ratio), settings, None, throttled=False)
    assert (found, len(reasons)) == (verdict, lines)


def test_a_machine_that_throttles_decides_no_absolute_time():
    settings = BenchSettings(max_p50_ms=3.0)
    verdict, reasons = judge(measured(None), settings, None, throttled=True)
    assert verdict == "inconclusive"
    assert "grew slower" in reasons[0]


@pytest.mark.parametrize("ratio", [GOOD, BAD, OPEN, None])
def test_times_that_say_nothing_about_the_target_are_not_judged(ratio):
    found = judge(measured(ratio), BenchSettings(max_p50_ms=1.0), "a stranger's core", False)
    assert found == ("unavailable", ["a stranger's core"])
