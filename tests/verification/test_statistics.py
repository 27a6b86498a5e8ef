import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from edgekit.verification.statistics import (
    exact_interval,
    images_to_decide,
    images_to_decide_rate,
    percentile_interval,
)


@given(total=st.integers(1, 2000), share=st.floats(0, 1))
def test_exact_interval_is_clopper_pearson(total, share):
    count = round(share * total)
    wanted = binomtest(count, total).proportion_ci(0.95, method="exact")
    assert exact_interval(count, total) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


def test_exact_interval_covers_at_least_95_percent_at_every_rate():
    counts = np.arange(61)
    bounds = np.array([exact_interval(int(count), 60) for count in counts])
    for rate in np.linspace(0.01, 0.99, 99):
        inside = (bounds[:, 0] <= rate) & (rate <= bounds[:, 1])
        assert binom.pmf(counts[inside], 60, rate).sum() >= 0.95


def test_percentile_interval_cuts_both_tails():
    assert percentile_interval(np.arange(1001.0)) == pytest.approx((25.0, 975.0))
    assert percentile_interval(np.arange(1001.0), level=0.5) == pytest.approx((250.0, 750.0))


def test_halving_the_interval_takes_four_times_the_images():
    # The lower side reaches 0.02 below the value; the limit is 0.01 below it.
    assert images_to_decide(500, -0.01, (-0.03, 0.0), -0.02) == 2000
    # Here the upper side is the one that faces the limit.
    assert images_to_decide(500, -0.04, (-0.06, -0.01), -0.02) == 1125


def test_no_number_of_images_decides_a_value_at_the_limit():
    assert images_to_decide(500, -0.02, (-0.03, 0.0), -0.02) is None
    assert images_to_decide_rate(100, 3, 0.03) is None
    assert images_to_decide_rate(100, 0, 0.0) is None


@given(images=st.integers(20, 400), share=st.floats(0, 0.2), limit=st.floats(0.01, 0.1))
def test_images_for_a_rate_are_just_enough(images, share, limit):
    count = round(share * images)
    low, high = exact_interval(count, images)
    if not low <= limit < high or abs(count / images - limit) < 1e-3:
        return
    needed = images_to_decide_rate(images, count, limit)
    assert needed > images
    rate, side = count / images, 1 if count / images < limit else 0
    enough, short = (exact_interval(rate * n, n)[side] for n in (needed, needed - 1))
    assert (enough - limit) * (short - limit) <= 0


def test_rule_of_three_for_no_flip_seen():
    assert images_to_decide_rate(20, 0, 0.03) == 122
