"""Levels, ratios and looks, on simulated duets whose true ratio is known."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.performance.ratio import (
    bootstrap_interval,
    level,
    log_interval,
    looks,
    ratio_of_logs,
    unpaired_ratio,
    until_decided,
)
from edgekit.results.ratio import Ratio


def paired_ratio(first, second):
    """The ratio of two sides of duets."""
    return ratio_of_logs(np.log(first) - np.log(second))


times = st.lists(st.floats(0.01, 1e4), min_size=2, max_size=12)


@given(times, st.floats(0.1, 10))
def test_a_constant_factor_is_found_exactly(second, factor):
    ratio = paired_ratio([factor * value for value in second], second)
    assert ratio.value == pytest.approx(factor)
    assert ratio.low <= ratio.value * (1 + 1e-9)
    assert ratio.value <= ratio.high * (1 + 1e-9)


@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), min_size=2, max_size=9))
def test_swapping_the_sides_inverts_the_ratio(rows):
    first, second = zip(*rows, strict=True)
    one, other = paired_ratio(first, second), paired_ratio(second, first)
    assert one.value == pytest.approx(1 / other.value)
    assert one.low == pytest.approx(1 / other.high)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.5, 0.9, "pass"), (1.1, 1.2, "fail"), (0.9, 1.1, "inconclusive"), (0.9, 1.0, "pass")],
)
def test_the_whole_interval_must_be_within_the_budget(low, high, verdict):
    ratio = Ratio((low * high) ** 0.5, low, high, 6)
    found, reason = ratio.verdict(1.0)
    assert found == verdict
    assert (reason is None) == (verdict == "pass")
    assert ratio.duets_to_decide(1.0) > 6


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        drift = random.lognormal(0, 0.5, size=8)
        first, second = drift * random.lognormal(0.1, 0.05, 8), drift * random.lognormal(0, 0.05, 8)
        ratio = paired_ratio(first, second)
        hits += ratio.low <= np.exp(0.1) <= ratio.high
    assert 0.92 <= hits / 400 <= 0.98


def test_a_model_against_itself_seldom_fails():
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        drift = random.lognormal(0, 0.5, size=6)
        duet = [drift * random.lognormal(0, 0.1, 6) for _ in range(2)]
        alarms += paired_ratio(*duet).verdict(1.0)[0] == "fail"
    assert alarms / 300 < 0.05


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    draws = random.normal(0.1, 0.05, size=(200, 12))
    covered = [
        low <= np.exp(0.1) <= high
        for low, high in (bootstrap_interval(logs, seed) for seed, logs in enumerate(draws))
    ]
    assert 0.9 <= np.mean(covered) <= 0.99


def test_the_bootstrap_of_equal_pairs_is_a_point():
    assert bootstrap_interval([0.2, 0.2, 0.2]) == pytest.approx((np.exp(0.2), np.exp(0.2)))


@given(st.lists(st.floats(0.5, 2), min_size=2, max_size=9), st.floats(0.1, 10))
def test_figures_of_two_sessions_are_compared_by_their_levels(values, factor):
    ratio = unpaired_ratio([factor * value for value in values], values)
    assert ratio.value == pytest.approx(factor)
    assert ratio.low <= ratio.value * (1 + 1e-9)


def test_what_sessions_differ_by_widens_the_interval():
    first, second = [1.0, 1.01, 0.99], [1.0, 1.0, 1.01]
    plain, drifting = unpaired_ratio(first, second), unpaired_ratio(first, second, 0.05)
    assert drifting.high - drifting.low > 0.25 > plain.high - plain.low


LIMIT = 1.03


@given(st.integers(2, 50), st.integers(0, 200))
def test_looks_grow_from_the_first_to_the_last(first, more):
    plan = looks(first, first + more)
    assert plan[0] == first
    assert plan[-1] == first + more
    assert all(later > earlier for earlier, later in pairwise(plan))


def verdicts(ratio, gates, spread=0.02, seed=0):
    """Gate simulated duets that often; heavy tails, as a shared machine has."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(gates):

        def duet(number):
            return math.log(ratio) + spread * random.standard_t(5)

        decided, _ = until_decided(duet, 10, 40, LIMIT)
        found.append(decided.verdict(LIMIT)[0])
    return found


def test_the_same_artifact_hardly_ever_fails():
    assert verdicts(1.0, 300).count("fail") == 0


def test_five_percent_are_caught():
    found = verdicts(1.05, 300)
    assert found.count("fail") >= 285
    assert found.count("pass") == 0


@pytest.mark.parametrize("kind", ["pass", "fail"])
def test_at_the_limit_both_errors_stay_rare_whatever_the_number_of_looks(kind):
    assert verdicts(LIMIT, 600, seed=1).count(kind) <= 0.035 * 600


def test_pairs_stop_when_they_have_decided():
    _, logs = until_decided(lambda number: 0.001 * (number % 2), 4, 400, LIMIT)
    assert len(logs) == 4


def test_the_level_is_hardly_moved_by_interruptions():
    assert level([1.0, 1.0, 1.0, 1.0, 50.0, 80.0]) == 1.0


def test_one_level_says_nothing():
    assert log_interval([1.0]) == (0.0, math.inf)
