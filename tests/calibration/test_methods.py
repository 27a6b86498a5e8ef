import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.histogram import Histogram
from edgekit.calibration.methods import METHODS, entropy, min_max, mse, percentile

values = arrays(
    np.float32, st.integers(1, 200), elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
)


def counted(tensor):
    histogram = Histogram()
    histogram.add(tensor)
    return histogram


def loss(tensor, low, high, symmetric=False):
    """What rounding to 8 bits loses, squared and averaged."""
    low, high = min(low, 0.0), max(high, 0.0)
    steps = max(-low, high) / 127 if symmetric else (high - low) / 255
    zero = 0 if symmetric else round(-low / steps)
    first, last = (-128, 127) if symmetric else (0, 255)
    integers = np.clip(np.round(tensor / steps) + zero, first, last)
    return float(np.mean(((integers - zero) * steps - tensor) ** 2))


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("name", METHODS)
@given(tensor=values)
def test_ranges_lie_within_what_was_seen_or_reach_zero(name, symmetric, tensor):
    low, high = METHODS[name](counted(tensor), symmetric=symmetric)
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


DISTRIBUTIONS = {
    "normal": lambda random: random.normal(size=50_000),
    "relu": lambda random: np.maximum(random.normal(size=50_000), 0),
    "laplace": lambda random: random.laplace(size=50_000),
    "student": lambda random: random.standard_t(3, size=50_000),
    "one-sided tail": lambda random: random.exponential(size=50_000) - 0.2,
    "far": lambda random: random.normal(size=50_000) + 50,
}


def drawn(name):
    return DISTRIBUTIONS[name](np.random.default_rng(0)).astype(np.float32)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_mse_loses_the_least_of_all_methods_on_its_grid(name, symmetric):
    tensor = drawn(name)
    histogram = counted(tensor)
    losses = {
        method: loss(tensor, *METHODS[method](histogram, symmetric=symmetric), symmetric)
        for method in METHODS
    }
    assert losses["mse"] <= min(losses.values()) * 1.02


def test_mse_searches_the_grid_that_it_is_asked_for():
    tensor = np.append(drawn("normal"), [-30.0]).astype(np.float32)
    histogram = counted(tensor)
    affine, symmetric = mse(histogram), mse(histogram, symmetric=True)
    assert loss(tensor, *symmetric, symmetric=True) < loss(tensor, *affine, symmetric=True)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_entropy_keeps_nearly_all_values(name, symmetric):
    tensor = drawn(name)
    low, high = entropy(counted(tensor), symmetric=symmetric)
    end = max(-low, high)
    first, last = (-end, end) if symmetric else (min(low, 0), max(high, 0))
    assert np.mean((tensor >= first) & (tensor <= last)) >= 0.985


def test_entropy_clips_outliers():
    tensor = np.append(drawn("normal"), [40.0, 41.0]).astype(np.float32)
    for symmetric in (False, True):
        assert entropy(counted(tensor), symmetric=symmetric)[1] < 0.8 * 41


def test_percentile_on_a_symmetric_grid_counts_absolute_values():
    tensor = np.concatenate([np.zeros(98), [-8.0, 1.0]]).astype(np.float32)
    low, high = percentile(counted(tensor), 0.98, symmetric=True)
    assert (-8 < low <= 0, 0 <= high <= 1) == (True, True)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, -0.0, 3.5, -1e-30, 1e30])
def test_a_constant_tensor_gets_a_range_that_holds_it(method, value, symmetric):
    low, high = METHODS[method](counted(np.full(10, value, np.float32)), symmetric=symmetric)
    assert np.isfinite([low, high]).all()
    assert abs(max(-low, high) - abs(value)) <= abs(value) * 0.01
