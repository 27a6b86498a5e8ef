"""A threshold that scores moved past, told from an order that was lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.verification.parity import Budget, decision_parity
from edgekit.verification.shift import _nearest

BUDGET = Budget(auc=0.01, ap=1, accuracy=1, flips=0.03)


def detector(images=2000, seed=0):
    rng = np.random.default_rng(seed)
    positives = np.arange(images) % 2 == 0
    return 1 / (1 + np.exp(-(3 * positives - 1.5 + rng.normal(size=images)))), positives


def judge(reference, artifact, positives):
    return decision_parity(reference, artifact, positives, [""] * len(positives), 0.5, BUDGET)


@pytest.mark.parametrize("moved", [lambda s: s**3, lambda s: 0.6 * s, lambda s: 0.3 + 0.7 * s])
def test_scores_that_only_moved_get_the_threshold_that_undoes_it(moved):
    scores, positives = detector()
    found = judge(scores, moved(scores), positives)
    shift = found.decision.shift
    assert found.verdict == "fail"
    assert (shift.kind, shift.flips) == ("threshold", 0.0)
    assert shift.threshold == pytest.approx(moved(0.5), abs=0.01)


def test_a_lost_order_is_no_matter_of_the_threshold():
    scores, positives = detector()
    noise = np.random.default_rng(1).random(len(scores))
    found = judge(scores, 0.5 * scores + 0.5 * noise, positives)
    assert found.decision.shift.kind == "ranking"
    assert found.decision.shift.flips > BUDGET.flips


def test_nothing_is_proposed_where_decisions_hold():
    scores, positives = detector()
    assert judge(scores, scores, positives).decision.shift is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=30))
def test_no_threshold_changes_fewer_decisions(images):
    scores = np.array([score for score, _ in images]) / 6
    wanted = np.array([call for _, call in images])
    threshold, share = _nearest(scores, wanted)
    candidates = [*np.unique(scores), 2.0]
    best = min(np.mean((scores >= candidate) != wanted) for candidate in candidates)
    assert share == pytest.approx(best)
    assert np.mean((scores >= threshold) != wanted) == pytest.approx(best)
