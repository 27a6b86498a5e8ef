"""The plan of looks: its error is measured on simulated pairs, whose true ratio is known."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.performance.looks import looks, until_decided

LIMIT = 1.03


@given(st.integers(2, 50), st.integers(0, 200))
def test_looks_grow_from_the_first_to_the_last(first, more):
    plan = looks(first, first + more)
    assert plan[0] == first
    assert plan[-1] == first + more
    assert all(later > earlier for earlier, later in pairwise(plan))


def verdicts(ratio, gates, spread=0.02, seed=0):
    """Gate simulated pairs that often; heavy tails, as a shared machine has."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(gates):

        def pair(number):
            return math.log(ratio) + spread * random.standard_t(5)

        decided, _ = until_decided(pair, 10, 40, LIMIT)
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
