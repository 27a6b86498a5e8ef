"""How steady a machine was; figures against budgets, of which the worst decides."""

import numpy as np
import pytest

from edgekit.devices.device import RunnerResult
from edgekit.performance.judge import first_against_last, judge, steadiness
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import Duet, Taken
from edgekit.results.ratio import Ratio


def test_a_steady_machine_is_neither_noisy_nor_throttled():
    levels = 1 + 0.01 * np.random.default_rng(0).standard_normal(20)
    found = steadiness(levels, [0.0, 0.01])
    assert not found.noisy
    assert not found.throttled
    assert found.drift == pytest.approx(1, abs=0.02)


def test_a_machine_that_grows_slower_throttles():
    found = steadiness(np.linspace(1, 1.4, 12), None)
    assert found.throttled
    assert found.drift > 1.2
    assert found.pair_spread is None


def test_a_machine_that_jumps_is_noisy_and_does_not_throttle():
    found = steadiness([1, 1.5, 1, 1.6, 1, 1.4, 1, 1.5, 1], None)
    assert found.noisy
    assert not found.throttled


def test_few_levels_show_no_trend():
    assert steadiness([1.0, 2.0, 3.0], None).drift is None


def rows(seconds, slower, seed=0):
    random = np.random.default_rng(seed)
    return [
        [float(second), (1 + slower * second / seconds) * (1 + 0.01 * random.standard_normal()), 5]
        for second in range(1, seconds + 1)
    ]


def test_a_run_that_keeps_its_speed():
    found = first_against_last(rows(180, 0.0))
    assert not found.throttled
    assert found.ratio == pytest.approx(1, abs=0.01)
    assert (found.minutes, found.runs) == (3.0, 900)


def test_a_run_that_throttles():
    found = first_against_last(rows(180, 0.3))
    assert found.throttled
    assert found.last_ms > found.first_ms


def test_a_short_run_is_cut_in_halves():
    assert first_against_last(rows(10, 0.5)).ratio > 1.1


GOOD, BAD, OPEN = (Ratio((a * b) ** 0.5, a, b, 6) for a, b in ((0.5, 0.9), (1.1, 2), (0.9, 1.1)))


def measured(ratio, levels=(1.9, 2.0, 2.1)):
    """What pairs with these medians and this ratio would have left."""
    runs = [RunnerResult(np.zeros((1, 2)), "", [], 1.0, 1.0, [ms], 1, 1) for ms in levels]
    return Taken([Duet(run) for run in runs], ratio, [], [])


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
