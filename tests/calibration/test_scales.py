import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.calibration.scales import activation_qparams, weight_scales
from edgekit.calibration.scheme import SCHEMES

bounds = st.floats(-1e30, 1e30, allow_nan=False)


@pytest.mark.parametrize("name", SCHEMES)
@given(first=bounds, second=bounds)
def test_zero_is_exact_and_the_range_is_covered(name, first, second):
    low, high = sorted((first, second))
    pair = activation_qparams(low, high, SCHEMES[name])
    assert pair.low <= pair.zero_point <= pair.high
    assert (round(0.0 / pair.scale) + pair.zero_point - pair.zero_point) * pair.scale == 0.0
    tolerance = pair.scale * 0.51
    assert (pair.low - pair.zero_point) * pair.scale <= min(low, 0) + tolerance
    assert (pair.high - pair.zero_point) * pair.scale >= max(high, 0) - tolerance


@pytest.mark.parametrize("name", [name for name in SCHEMES if SCHEMES[name].symmetric])
@given(first=bounds, second=bounds)
def test_symmetric_schemes_have_zero_point_0(name, first, second):
    assert activation_qparams(min(first, second), max(first, second), SCHEMES[name]).zero_point == 0


@pytest.mark.parametrize("name", SCHEMES)
def test_a_tensor_of_zeros_gets_a_scale_that_can_be_divided_by(name):
    pair = activation_qparams(0.0, 0.0, SCHEMES[name])
    assert np.isfinite(np.float32(1) / np.float32(pair.scale))


@given(st.integers(1, 6), st.integers(0, 2**31))
def test_weights_round_to_half_a_step_at_most(channels, seed):
    weight = torch.randn(channels, 3, 2, generator=torch.Generator().manual_seed(seed))
    scales = weight_scales(weight, 0, per_channel=True)
    integers = torch.round(weight / scales[:, None, None])
    assert integers.abs().max() <= 127
    assert (
        (integers * scales[:, None, None] - weight).abs() <= 0.5001 * scales[:, None, None]
    ).all()


def test_one_scale_for_all_channels_is_the_largest():
    weight = torch.tensor([[1.0, -2.0], [4.0, 0.5]])
    assert weight_scales(weight, 0, per_channel=False).tolist() == pytest.approx([4 / 127, 4 / 127])


def test_a_channel_of_zeros_gets_a_harmless_scale():
    scales = weight_scales(torch.tensor([[0.0], [1.0]]), 0, per_channel=True)
    assert (scales > 0).all()


@given(st.integers(0, 2**31), st.floats(0.1, 1e6), st.floats(0, 1e-6))
def test_no_channel_has_a_scale_far_below_the_largest(seed, largest, smallest):
    weight = torch.rand(4, 3, generator=torch.Generator().manual_seed(seed)) + 0.1
    weight *= torch.tensor([largest, 0.0, largest * smallest, largest / 1000])[:, None]
    scales = weight_scales(weight, 0, per_channel=True)
    assert scales.min() >= scales.max() * 2.0**-16 * 0.999
    assert float(scales[3]) == pytest.approx(float(weight[3].max()) / 127)  # small, yet its own
