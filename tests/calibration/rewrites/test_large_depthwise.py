import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from edgekit.calibration.rewrites.large_depthwise import TAPS, rewrite

aten = torch.ops.aten


@given(
    channels=st.integers(2, 4),
    rows=st.integers(4, 9),
    columns=st.integers(7, 9),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    multiplier=st.integers(1, 2),
    bias=st.booleans(),
)
def test_the_function_stays(compare, channels, rows, columns, stride, padding, multiplier, bias):
    model = nn.Conv2d(
        channels, channels * multiplier, (rows, columns), stride, padding, 1, channels, bias
    )
    count, graph, worst = compare(rewrite, model, 1, channels, 10, 11)
    assert count == 1
    assert worst < 1e-5
    bands = graph.find_nodes(op="call_function", target=aten.conv2d.default)
    taps = [node.args[1].meta["val"].shape[2:].numel() for node in bands]
    assert sum(taps) == rows * columns
    assert max(taps) <= TAPS


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 4, 5, groups=4),
        nn.Conv2d(4, 4, 7),
        nn.Conv2d(4, 4, 7, groups=2),
        nn.Conv2d(4, 4, 7, groups=4, dilation=2),
        nn.Conv2d(4, 4, (1, 27), groups=4, padding=(0, 13)),
        nn.Conv2d(1, 4, 7),
    ],
    ids=["25_taps", "full", "grouped", "dilated", "one_long_row", "one_channel"],
)
def test_other_convolutions_are_left_alone(layer, compare):
    count, _, worst = compare(rewrite, layer, 1, layer.in_channels, 14, 14)
    assert count == 0
    assert worst == 0


def test_one_figure_may_stand_for_rows_and_columns(compare):
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(3, 1, 7, 7))

        def forward(self, image):
            return functional.conv2d(image, self.weight, None, 2, 3, 1, 3)

    count, _, worst = compare(rewrite, Plain(), 1, 3, 9, 9)
    assert count == 1
    assert worst < 1e-4
