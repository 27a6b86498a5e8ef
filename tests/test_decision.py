import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from edgekit.decision import decisions, scores
from edgekit.signature import Input, Signature


def signature(classes=2, threshold=0.5, positive=-1):
    names = tuple(f"c{index}" for index in range(classes))
    inputs = (Input(name="x", shape=(1, 2), layout="ANY"),)
    return Signature(inputs=inputs, classes=names, positive=names[positive], threshold=threshold)


logits = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=6),
    elements=st.floats(-(2.0**99), 2.0**99, width=32),
)


@given(logits)
def test_scores_are_probabilities_that_add_up(values):
    classes = values.shape[1]
    found = [scores(values, signature(classes, positive=index)) for index in range(classes)]
    assert all(((row >= 0) & (row <= 1)).all() for row in found)
    assert np.allclose(np.sum(found, axis=0), 1.0)


@given(arrays(np.float64, 5, elements=st.floats(-500, 500)))
def test_one_logit_means_the_same_as_two(values):
    alone = scores(values[:, None], signature())
    beside = scores(np.stack([np.zeros(5), values], axis=1), signature())
    assert np.allclose(alone, beside)


def test_nan_stays_nan_and_is_never_positive():
    values = scores(np.array([[np.nan, 0.0], [0.0, 9.0]]), signature())
    assert np.isnan(values[0])
    assert decisions(values, signature()).tolist() == [False, True]


@pytest.mark.parametrize(("threshold", "called"), [(0.5, True), (0.5000001, False), (0.0, True)])
def test_a_score_at_the_threshold_is_positive(threshold, called):
    values = scores(np.zeros((1, 2)), signature())
    assert decisions(values, signature(threshold=threshold)).tolist() == [called]
