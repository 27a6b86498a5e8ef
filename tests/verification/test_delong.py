"""DeLong's test against a published example's arithmetic, done the long way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.verification.delong import delong_figure
from edgekit.verification.figures import BothScores


def slow(both):
    """The structural components of the 1988 paper, pair by pair of images."""
    deltas = []
    for scores in (both.reference, both.artifact):
        upper, lower = scores[both.positives], scores[~both.positives]
        wins = (upper[:, None] > lower) + 0.5 * (upper[:, None] == lower)
        deltas.append((wins.mean(1), wins.mean(0)))
    rows, columns = deltas[1][0] - deltas[0][0], deltas[1][1] - deltas[0][1]
    variance = rows.var(ddof=1) / len(rows) + columns.var(ddof=1) / len(columns)
    return rows.mean(), np.sqrt(variance)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), grid=st.sampled_from([3, 20, 10**6]), images=st.integers(8, 60))
def test_the_interval_is_that_of_the_definition(seed, grid, images):
    rng = np.random.default_rng(seed)
    positives = np.arange(images) % 2 == 0
    before, after = (rng.integers(0, grid, images) / grid for _ in range(2))
    both = BothScores(before, after, positives, [""] * images, 0.5)
    delta, deviation = slow(both)
    found = delong_figure(both, 0.01)
    if deviation < 1e-9:
        return
    half = 1.959963984540054 * deviation
    assert found.interval == pytest.approx((delta - half, delta + half), abs=1e-9)
    assert 0 <= found.p <= 1


def test_what_has_no_variance_has_no_interval():
    positives = np.array([True, True, False, False])
    scores = np.array([0.9, 0.8, 0.2, 0.1])
    assert delong_figure(BothScores(scores, scores, positives, [""] * 4, 0.5), 0.01) is None
    broken = np.array([0.9, np.nan, 0.2, 0.1])
    assert delong_figure(BothScores(scores, broken, positives, [""] * 4, 0.5), 0.01) is None
    lone = np.array([True, False, False, False])
    assert delong_figure(BothScores(scores, scores[::-1], lone, [""] * 4, 0.5), 0.01) is None
