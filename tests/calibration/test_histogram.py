import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.histogram import BINS, Histogram

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
values = arrays(np.float32, st.integers(1, 60), elements=finite)


def counted(*parts):
    histogram = Histogram()
    for part in parts:
        histogram.add(part)
    return histogram


def state(histogram):
    return histogram.exponent, histogram.counts.tolist(), histogram.low, histogram.high


@given(values, st.randoms(use_true_random=False), st.integers(0, 60))
def test_order_and_split_change_nothing(tensor, random, at):
    shuffled = tensor.copy()
    random.shuffle(shuffled)
    parts = [part for part in (shuffled[:at], shuffled[at:]) if part.size]
    assert state(counted(*parts)) == state(counted(tensor))


@given(values, values)
def test_merging_equals_counting_both(first, second):
    merged = counted(first)
    merged.merge(counted(second))
    assert state(merged) == state(counted(first, second))


@given(values)
def test_every_value_is_in_its_bin(tensor):
    histogram = counted(tensor)
    edges = histogram.edges()
    for value in np.unique(tensor):
        inside = np.searchsorted(edges, np.float64(value), side="right") - 1
        assert histogram.counts[inside] > 0
    assert histogram.counts.sum() == tensor.size


@given(values)
def test_extremes_are_exact(tensor):
    histogram = counted(tensor)
    assert (histogram.low, histogram.high) == (tensor.min(), tensor.max())


def test_the_smallest_values_keep_their_sign_beside_the_largest():
    histogram = counted(np.array([3e38, -1e-45], dtype=np.float32))
    assert np.flatnonzero(histogram.counts)[0] == BINS // 2 - 1


def test_bad_values_are_counted_apart():
    histogram = counted(np.array([np.nan, np.inf, 2.0], dtype=np.float32))
    assert (histogram.bad, histogram.low, histogram.high) == (2, 2.0, 2.0)
    assert histogram.counts.sum() == 1


def test_nothing_but_bad_values_leaves_it_empty():
    histogram = counted(np.full(3, np.nan, dtype=np.float32))
    assert histogram.bad == 3
    assert math.isinf(histogram.low)


@pytest.mark.parametrize("largest", [1.0, 2.0**-3, 1024.0])
def test_powers_of_two_stay_inside(largest):
    histogram = counted(np.array([-largest, largest], dtype=np.float32))
    edges = histogram.edges()
    assert edges[0] <= -largest
    assert largest < edges[-1]
    assert histogram.counts.sum() == 2


ends = st.floats(-1e6, 1e6, width=32)


@given(values, st.one_of(ends, st.just(-math.inf)), st.one_of(ends, st.just(math.inf)))
def test_clamping_the_histogram_equals_clamping_the_values(tensor, first, second):
    low, high = sorted((first, second))
    clamped, direct = counted(tensor).clamped(low, high), counted(np.clip(tensor, low, high))
    direct.merge(Histogram(clamped.exponent))
    if direct.exponent == clamped.exponent:  # a limit beyond all values makes the direct one wider
        assert state(clamped) == state(direct)
