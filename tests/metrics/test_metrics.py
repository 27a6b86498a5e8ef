"""Every metric against another implementation, with ties and with weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from sklearn import metrics as peer

from edgekit.metrics import METRICS, Resamples, cases, one, plain

THRESHOLD = 0.5


def called(s):
    return s >= THRESHOLD


def bpcer(y, s, w):
    return np.average(called(s)[~y], weights=None if w is None else w[~y])


def apcer(y, s, w, kinds):
    shares = []
    for kind in np.unique(kinds[y]):
        of = y & (kinds == kind)
        shares.append(np.average(~called(s)[of], weights=None if w is None else w[of]))
    return max(shares)


def eer(y, s, w):
    fpr, tpr, _ = peer.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    fpr, fnr = np.array(fpr), 1 - np.array(tpr)
    steps = np.arange(len(fpr))
    where = brentq(lambda at: np.interp(at, steps, fnr) - np.interp(at, steps, fpr), 0, steps[-1])
    return np.interp(where, steps, fpr)


def tpr_at_fpr(y, s, w):
    fpr, tpr, _ = peer.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    return tpr[fpr <= 0.01].max()


def ece(y, s, w):
    weights = np.ones(len(s)) if w is None else w
    bins = np.clip(np.floor(s * 15), 0, 14)
    inside = [bins == number for number in range(15)]
    gaps = [abs((weights * (s - y))[chosen].sum()) for chosen in inside]
    return sum(gaps) / weights.sum()


def balanced(y, s, w):
    return peer.balanced_accuracy_score(y, called(s), sample_weight=w)


PEERS = {
    "auc": lambda y, s, w, k: peer.roc_auc_score(y, s, sample_weight=w),
    "ap": lambda y, s, w, k: peer.average_precision_score(y, s, sample_weight=w),
    "eer": lambda y, s, w, k: eer(y, s, w),
    "tpr_at_fpr": lambda y, s, w, k: tpr_at_fpr(y, s, w),
    "accuracy": lambda y, s, w, k: peer.accuracy_score(y, called(s), sample_weight=w),
    "balanced_accuracy": lambda y, s, w, k: balanced(y, s, w),
    "f1": lambda y, s, w, k: peer.f1_score(y, called(s), sample_weight=w),
    "hter": lambda y, s, w, k: 1 - balanced(y, s, w),
    "apcer": apcer,
    "bpcer": lambda y, s, w, k: bpcer(y, s, w),
    "acer": lambda y, s, w, k: 0.5 * (apcer(y, s, w, k) + bpcer(y, s, w)),
    "ece": lambda y, s, w, k: ece(y, s, w),
}


@st.composite
def drawn(draw):
    """Scores on a coarse grid (many ties) or a fine one, labels of two classes, kinds, weights."""
    size = draw(st.integers(2, 40))
    grid = draw(st.sampled_from([2, 8, 10**6]))
    scores = draw(st.lists(st.integers(0, grid), min_size=size, max_size=size))
    positives = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    positives[0], positives[1] = True, False
    kinds = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    row = st.lists(st.integers(1, 5), min_size=size, max_size=size)
    weights = draw(st.lists(row, min_size=1, max_size=4))
    given = cases(np.array(scores) / grid, np.array(positives), THRESHOLD, np.array(kinds))
    return given, np.array(weights, dtype=np.int64)


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=40, deadline=None)
@given(case=drawn())
def test_metric_equals_another_implementation_with_ties_and_weights(name, case):
    cases, weights = case
    known = cases.positives, cases.scores
    found = METRICS[name].measure(Resamples(cases, weights))
    wanted = [PEERS[name](*known, row, cases.kinds) for row in weights]
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    assert one(name, cases) == pytest.approx(PEERS[name](*known, None, cases.kinds), abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=25, deadline=None)
@given(case=drawn(), seed=st.integers(0, 99))
def test_weight_counts_like_repeated_images(name, case, seed):
    cases, _ = case
    counts = np.random.default_rng(seed).integers(0, 3, len(cases.scores))
    counts[:2] += 1  # keep both classes
    again = np.repeat(np.arange(len(counts)), counts)
    weighted = METRICS[name].measure(Resamples(cases, counts[None]))[0]
    assert weighted == pytest.approx(one(name, cases.at(again)))


NEED_BOTH = ("auc", "eer", "tpr_at_fpr", "balanced_accuracy", "hter", "acer")


@pytest.mark.parametrize("name", NEED_BOTH)
def test_a_class_without_weight_has_no_figure_that_needs_it(name):
    given = cases(np.array([0.9, 0.1]), np.array([True, False]), THRESHOLD)
    found = METRICS[name].measure(Resamples(given, np.array([[1, 0], [1, 1]])))
    assert np.isnan(found).tolist() == [True, False]
    assert METRICS["accuracy"].measure(Resamples(given, np.array([[1, 0]]))).tolist() == [1.0]


@pytest.mark.parametrize("name", METRICS)
def test_many_resamples_of_many_images_equal_one_at_a_time(name):
    rng = np.random.default_rng(0)
    given = cases(rng.random(70_000), rng.random(70_000) < 0.3, THRESHOLD)
    weights = rng.poisson(1.0, (9, 70_000)).astype(np.uint16)
    together = METRICS[name].measure(Resamples(given, weights))
    alone = [METRICS[name].measure(Resamples(given, row[None]))[0] for row in weights]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_a_detector_without_fault_reaches_the_end_of_the_scale(name):
    positives = np.array([True] * 5 + [False] * 5)
    best = plain(name, positives.astype(float), positives, THRESHOLD)
    worst = plain(name, 1.0 - positives, positives, THRESHOLD)
    assert best == (METRICS[name].gain > 0)
    assert METRICS[name].gain * (best - worst) > 0.4


def test_the_worst_kind_of_attack_counts():
    scores = np.array([0.9, 0.9, 0.9, 0.1, 0.1])
    positives = np.array([True, True, True, True, False])
    given = cases(scores, positives, THRESHOLD, np.array([0, 0, 0, 1, 0]))
    assert one("apcer", given) == 1.0
    assert one("hter", given) == 0.125
