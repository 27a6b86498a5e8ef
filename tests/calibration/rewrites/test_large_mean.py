import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.rewrites.large_mean import POSITIONS, rewrite

aten = torch.ops.aten


class Mean(nn.Module):
    def __init__(self, axes, kept):
        super().__init__()
        self.axes, self.kept = axes, kept

    def forward(self, image):
        return (image * 2.0).mean(self.axes, keepdim=self.kept)


@given(
    height=st.integers(1, 9),
    width=st.integers(POSITIONS // 9, POSITIONS),
    axes=st.sampled_from([(2, 3), (3, 2), (-1, -2), (2, -1)]),
    kept=st.booleans(),
)
def test_the_function_stays_and_no_step_is_large(compare, height, width, axes, kept):
    count, graph, worst = compare(rewrite, Mean(axes, kept), 1, 2, height, width)
    assert count == (height * width > POSITIONS)
    assert worst < 1e-5
    means = graph.find_nodes(op="call_function", target=aten.mean.dim)
    assert len(means) == 1 + count


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 0)])
def test_pooling_to_one_place_is_such_a_mean(compare, size, count):
    changed, _, worst = compare(rewrite, nn.AdaptiveAvgPool2d(size), 1, 2, 91, 91)
    assert changed == count
    assert worst < 1e-5


@pytest.mark.parametrize("axes", [(1,), (1, 2), (3,), (1, 2, 3)])
def test_other_means_are_left_alone(compare, axes):
    assert compare(rewrite, Mean(axes, True), 1, 2, 91, 91)[0] == 0
