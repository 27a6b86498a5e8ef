import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from edgekit.verify.metrics import METRICS, plain

THRESHOLD = 0.5
PEERS = {
    "auc": lambda y, s, w: peer.roc_auc_score(y, s, sample_weight=w),
    "ap": lambda y, s, w: peer.average_precision_score(y, s, sample_weight=w),
    "accuracy": lambda y, s, w: peer.accuracy_score(y, s >= THRESHOLD, sample_weight=w),
    "balanced_accuracy": lambda y, s, w: peer.balanced_accuracy_score(
        y, s >= THRESHOLD, sample_weight=w
    ),
}


@st.composite
def cases(draw):
    """Scores on a coarse grid (many ties) or a fine one, labels of two classes, weights."""
    size = draw(st.integers(2, 40))
    grid = draw(st.sampled_from([2, 8, 10**6]))
    scores = draw(st.lists(st.integers(0, grid), min_size=size, max_size=size))
    positives = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    positives[0], positives[1] = True, False
    row = st.lists(st.integers(1, 5), min_size=size, max_size=size)
    weights = draw(st.lists(row, min_size=1, max_size=4))
    return np.array(scores) / grid, np.array(positives), np.array(weights, dtype=np.float64)


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=80, deadline=None)
@given(case=cases())
def test_metric_equals_sklearn_with_ties_and_weights(name, case):
    scores, positives, weights = case
    found = METRICS[name](scores, positives, THRESHOLD, weights)
    wanted = [PEERS[name](positives, scores, row) for row in weights]
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    one = PEERS[name](positives, scores, None)
    assert plain(name, scores, positives, THRESHOLD) == pytest.approx(one, abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=50, deadline=None)
@given(case=cases(), seed=st.integers(0, 99))
def test_weight_counts_like_repeated_images(name, case, seed):
    scores, positives, _ = case
    counts = np.random.default_rng(seed).integers(0, 3, len(scores))
    counts[:2] += 1  # keep both classes
    drawn = np.repeat(np.arange(len(scores)), counts)
    weighted = METRICS[name](scores, positives, THRESHOLD, counts[None].astype(np.uint16))[0]
    assert weighted == pytest.approx(plain(name, scores[drawn], positives[drawn], THRESHOLD))


def test_class_without_weight_has_no_auc_but_an_accuracy():
    scores, positives = np.array([0.9, 0.1]), np.array([True, False])
    weights = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert np.isnan(METRICS["auc"](scores, positives, THRESHOLD, weights)).tolist() == [True, False]
    assert METRICS["accuracy"](scores, positives, THRESHOLD, weights).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", METRICS)
def test_many_resamples_of_many_images_equal_one_at_a_time(name):
    rng = np.random.default_rng(0)
    scores, positives = rng.random(70_000), rng.random(70_000) < 0.3
    weights = rng.poisson(1.0, (9, 70_000)).astype(np.uint16)
    together = METRICS[name](scores, positives, THRESHOLD, weights)
    alone = [METRICS[name](scores, positives, THRESHOLD, row[None])[0] for row in weights]
    np.testing.assert_allclose(together, alone, rtol=1e-12)
