"""Figures: the sign is applied once."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.figure import Figure, Share
from edgekit.metrics import METRICS
from edgekit.verdict import Verdict

VALUES = st.floats(0, 1)
CHANGES = st.floats(-1, 1)


def figure(name, reference=0.5, artifact=0.5, interval=(0.0, 0.0), budget=0.01):
    return Figure(
        name=name,
        gain=METRICS[name].gain,
        reference=reference,
        artifact=artifact,
        interval=interval,
        budget=budget,
    )


@given(st.sampled_from(list(METRICS)), CHANGES, CHANGES, st.floats(1e-6, 1))
def test_inside_is_an_excess_of_one_or_less(name, first, second, budget):
    found = figure(name, interval=tuple(sorted((first, second))), budget=budget)
    assert (found.verdict is Verdict.PASS) == (found.loss_interval[1] <= budget)
    if found.verdict is Verdict.PASS:
        assert found.excess <= 1
    if found.verdict is Verdict.FAIL:
        assert found.excess > 1


@given(VALUES, VALUES, CHANGES, CHANGES)
def test_the_mirror_image_of_a_metric_is_judged_alike(before, after, first, second):
    """1 - accuracy is an error rate: what one loses, the other gains."""
    low, high = sorted((first, second))
    more = figure("accuracy", before, after, (low, high))
    less = figure("hter", 1 - before, 1 - after, (-high, -low))
    assert more.verdict == less.verdict
    assert more.excess == less.excess
    assert more.loss == pytest.approx(less.loss)
    assert (more.limit, less.limit) == (-0.01, 0.01)


def test_the_words_follow_the_sign():
    drop = figure("auc", 0.9, 0.85, (-0.06, -0.04))
    rise = figure("hter", 0.1, 0.15, (0.04, 0.06))
    assert drop.miss() == "auc may drop by 6.00%, budget 1%"
    assert rise.miss() == "hter may rise by 6.00%, budget 1%"
    assert drop.line().endswith("(95% interval -0.0600 to -0.0400), budget -0.0100")
    assert rise.line().endswith("(95% interval +0.0400 to +0.0600), budget +0.0100")


def test_a_figure_without_a_value_fails_and_one_without_a_budget_has_no_verdict():
    unknown = figure("auc", artifact=None, interval=None)
    assert (unknown.verdict, unknown.excess, unknown.difference) == (Verdict.FAIL, math.inf, None)
    assert unknown.miss() == "auc has no value"
    assert figure("auc", budget=None).verdict is None


def test_a_share_is_held_against_none_at_all():
    share = Share(name="class_flips", count=5, artifact=0.05, interval=(0.02, 0.09), budget=0.03)
    assert (share.rate, share.difference, share.loss_interval) == (0.05, 0.05, (0.02, 0.09))
    assert share.verdict is Verdict.INCONCLUSIVE
    assert share.excess == pytest.approx(3.0)
    assert share.miss() == "class flips may be 9.00%, budget 3%"
