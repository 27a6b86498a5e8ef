import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.distillation.threshold import best_threshold

scores = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def balanced(threshold, values, positives):
    called = values >= threshold
    return called[positives].mean() + (~called[~positives]).mean()


@given(scores, scores)
def test_no_other_threshold_is_better(first, second):
    values = np.array(first + second)
    positives = np.arange(len(values)) < len(first)
    found = best_threshold(values, positives)
    assert 0.0 <= found <= 1.0
    others = [balanced(limit, values, positives) for limit in np.linspace(0, 1, 101)]
    assert balanced(found, values, positives) >= max(others) - 1e-9


def test_of_equal_ones_the_middle_of_the_widest_gap_is_taken():
    values = np.array([0.1, 0.2, 0.8, 0.9])
    assert best_threshold(values, np.array([False, False, True, True])) == 0.5
