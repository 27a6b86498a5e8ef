import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.calibration.corrections.compensate import compensate


def matrices(groups, rows, columns, seen, seed):
    """Return weights, inputs that depend on each other, and scales of 4 bits."""
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(groups, rows, columns, generator=random)
    inputs = torch.randn(groups, columns, seen, generator=random)
    inputs = inputs + 3 * inputs[:, :1]
    return weight, inputs, weight.abs().amax(2, keepdim=True) / 7


def curvature_of(inputs):
    return (inputs @ inputs.transpose(1, 2)).double()


def loss(weight, rounded, inputs):
    return ((weight - rounded) @ inputs).square().sum(2)


@given(
    groups=st.integers(1, 3),
    rows=st.integers(1, 4),
    columns=st.integers(1, 130),
    seen=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_never_worse_than_plain_and_on_the_grid(groups, rows, columns, seen, seed):
    weight, inputs, scales = matrices(groups, rows, columns, seen, seed)
    found = compensate(weight, curvature_of(inputs), scales, 7, 0.01)
    integers = found / scales
    assert torch.allclose(integers, integers.round(), atol=1e-4)
    assert torch.equal(integers.round().abs().amax(2), torch.full((groups, rows), 7.0))
    plain = (weight / scales).round() * scales
    assert (loss(weight, found, inputs) <= loss(weight, plain, inputs) * 1.001 + 1e-4).all()


def test_much_better_than_plain_where_inputs_depend_on_each_other():
    weight, inputs, scales = matrices(1, 8, 64, 400, 0)
    found = compensate(weight, curvature_of(inputs), scales, 7, 0.01)
    plain = (weight / scales).round() * scales
    assert loss(weight, found, inputs).sum() < 0.5 * loss(weight, plain, inputs).sum()


@pytest.mark.parametrize("columns", [1, 9, 200])
def test_inputs_of_zeros_give_plain_rounding(columns):
    weight, inputs, scales = matrices(2, 3, columns, 5, 0)
    found = compensate(weight, curvature_of(inputs * 0), scales, 7, 0.01)
    assert torch.equal(found, (weight / scales).round() * scales)
