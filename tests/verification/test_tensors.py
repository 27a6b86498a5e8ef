import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.errors import InputError
from edgekit.verification.tensors import tensor_error

LOGITS = arrays(np.float32, (5, 2), elements=st.floats(-(2.0**100), 2.0**100, width=32))


@given(reference=LOGITS, artifact=LOGITS)
def test_figures_are_finite_json_whatever_the_logits(reference, artifact):
    error = tensor_error(reference, artifact)
    json.dumps(error.to_json(), allow_nan=False)
    assert error.max_abs >= 0
    assert error.cosine is None or -1 <= error.cosine <= 1


@given(logits=LOGITS)
def test_identical_arrays_have_no_noise(logits):
    error = tensor_error(logits, logits)
    assert error.to_json() == {"max_abs": 0.0, "cosine": 1.0, "sqnr_db": None}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_figure_for_what_is_not_finite(bad):
    error = tensor_error(np.ones((2, 1)), np.array([[1.0], [bad]]))
    assert error.to_json() == {"max_abs": None, "cosine": None, "sqnr_db": None}


def test_known_noise():
    error = tensor_error(np.array([[3.0, 4.0]]), np.array([[3.3, 4.4]]))
    assert error.max_abs == pytest.approx(0.4)
    assert error.cosine == pytest.approx(1.0)
    assert error.sqnr_db == pytest.approx(20.0)


def test_zero_reference_has_neither_angle_nor_signal():
    error = tensor_error(np.zeros((1, 2)), np.ones((1, 2)))
    assert error.to_json() == {"max_abs": 1.0, "cosine": None, "sqnr_db": None}


def test_shapes_must_agree():
    with pytest.raises(InputError, match=r"\(2, 1\)"):
        tensor_error(np.ones((2, 2)), np.ones((2, 1)))
