import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.histogram import Histogram
from edgekit.calibration.methods import METHODS, min_max, mse, percentile

values = arrays(
    np.float32, st.integers(1, 200), elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
)


def counted(tensor):
    histogram = Histogram()
    histogram.add(tensor)
    return histogram


@pytest.mark.parametrize("name", METHODS)
@given(tensor=values)
def test_ranges_lie_within_what_was_seen_or_reach_zero(name, tensor):
    low, high = METHODS[name](counted(tensor))
    assert low <= high
    assert min(tensor.min(), 0) <= low
    assert high <= max(tensor.max(), 0)


@given(values)
def test_min_max_contains_every_value(tensor):
    low, high = min_max(counted(tensor))
    assert ((low <= tensor) & (tensor <= high)).all()


@given(values, st.floats(0.5, 1.0))
def test_percentile_contains_its_share(tensor, share):
    low, high = percentile(counted(tensor), share)
    inside = np.mean((low <= tensor) & (tensor <= high))
    assert inside >= share - 1e-9


def test_percentile_leaves_out_a_lone_outlier():
    tensor = np.append(np.random.default_rng(0).normal(size=99_999), 500.0).astype(np.float32)
    _, high = percentile(counted(tensor))
    assert high < 10


@given(values)
def test_mse_never_loses_more_than_the_full_range(tensor):
    def loss(low, high):
        low, high = min(low, 0.0), max(high, 0.0)
        return np.mean((np.clip(tensor, low, high) - tensor) ** 2) + (high - low) ** 2 / 255**2 / 12

    histogram = counted(tensor)
    width = np.diff(histogram.edges())[0]
    assert loss(*mse(histogram)) <= loss(*min_max(histogram)) * 1.01 + width**2


def test_mse_clips_a_lone_outlier_of_many_values():
    tensor = np.append(np.random.default_rng(0).normal(size=200_000), 40.0).astype(np.float32)
    _, high = mse(counted(tensor))
    assert 4 < high < 39
