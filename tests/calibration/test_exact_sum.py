import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.exact_sum import ExactSum

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
rows = arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=finite)


def summed(values):
    total = ExactSum(values.shape[1])
    for row in values:
        total.add(row)
    return total


@given(rows, st.randoms(use_true_random=False), st.integers(0, 30))
def test_order_and_split_change_no_bit(values, random, at):
    order = list(range(len(values)))
    random.shuffle(order)
    merged = summed(values[order[:at]])
    merged.merge(summed(values[order[at:]]))
    assert merged.total().tobytes() == summed(values).total().tobytes()


@given(rows)
def test_the_sum_is_the_sum(values):
    for column, total in zip(values.T.tolist(), summed(values).total(), strict=True):
        assert total == pytest.approx(math.fsum(column), rel=1e-12, abs=1e-10)


def test_small_summands_survive_beside_large_ones():
    values = np.array([[1e30], [1e-3], [-1e30]], dtype=np.float32)
    assert summed(values).total()[0] == pytest.approx(1e-3, rel=1e-6)
