import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.bench.ratio import Ratio, paired_ratio

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
    assert ratio.pairs_to_decide(1.0) > 6


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
        pair = [drift * random.lognormal(0, 0.1, 6) for _ in range(2)]
        alarms += paired_ratio(*pair).verdict(1.0)[0] == "fail"
    assert alarms / 300 < 0.05
