import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.corrections.constants import layers
from edgekit.calibration.corrections.patches import group_count, patches


def product(layer, weight, value):
    """Multiply weight and patches, as the layer itself would."""
    groups = group_count(layer)
    seen = patches(layer, weight.shape[2:], value, 10**6)
    return (weight.reshape(groups, weight.shape[0] // groups, -1) @ seen).flatten(0, 1)


@settings(max_examples=15)
@given(
    groups=st.sampled_from([1, 2, 4]),
    kernel=st.sampled_from([1, 3, (3, 2), 5]),
    stride=st.sampled_from([1, 2, (2, 1)]),
    padding=st.sampled_from([0, 2, (1, 2), "same", "valid"]),
    dilation=st.sampled_from([1, 2]),
)
def test_weight_times_patches_is_the_convolution(groups, kernel, stride, padding, dilation, traced):
    torch.manual_seed(0)
    stride = 1 if padding == "same" else stride
    conv = nn.Conv2d(4, 8, kernel, stride, padding, dilation, groups, bias=False)
    sample = torch.randn(1, 4, 11, 12)
    (layer,) = layers(traced(conv, sample))
    assert torch.allclose(
        product(layer, conv.weight, sample), conv(sample)[0].flatten(1), atol=1e-4
    )


def test_one_dimension(traced):
    conv, sample = nn.Conv1d(4, 6, 3, 2, 1, groups=2, bias=False), torch.randn(1, 4, 9)
    (layer,) = layers(traced(conv, sample))
    assert torch.allclose(product(layer, conv.weight, sample), conv(sample)[0], atol=1e-5)


def test_linear(traced):
    linear, sample = nn.Linear(4, 3, bias=False), torch.randn(1, 5, 4)
    (layer,) = layers(traced(linear, sample))
    assert torch.allclose(product(layer, linear.weight, sample), linear(sample)[0].T, atol=1e-5)


def test_positions_are_limited_and_spread(traced):
    linear, sample = nn.Linear(1, 3), torch.arange(10.0).reshape(1, 10, 1)
    (layer,) = layers(traced(linear, sample))
    assert patches(layer, (), sample, 4).flatten().tolist() == [0, 3, 6, 9]
