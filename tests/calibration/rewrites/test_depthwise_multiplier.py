import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.rewrites.depthwise_multiplier import rewrite

aten = torch.ops.aten


def convolutions(graph):
    return [node for node in graph.nodes if node.target == aten.conv2d.default]


@given(
    groups=st.integers(2, 5),
    multiplier=st.integers(2, 3),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 2),
    padding=st.integers(0, 2),
    bias=st.booleans(),
)
def test_the_function_stays(compare, groups, multiplier, kernel, stride, padding, bias):
    wide = groups * multiplier
    split = nn.Conv2d(groups, wide, kernel, stride, padding, groups=groups, bias=bias)
    model = nn.Sequential(split, nn.ReLU(), nn.Conv2d(wide, 3, 1))
    count, graph, worst = compare(rewrite, model, 1, groups, 6, 6)
    assert count == 1
    assert worst < 1e-5
    found = convolutions(graph)
    assert len(found) == multiplier + 1
    for node in found[:-1]:
        assert node.meta["val"].shape[1] == node.args[6] == groups


def test_two_in_a_row_are_both_split(compare):
    first, second = nn.Conv2d(3, 6, 3, groups=3), nn.Conv2d(6, 18, 3, groups=6)
    model = nn.Sequential(first, nn.Conv2d(6, 6, 1), second, nn.Conv2d(18, 2, 1))
    count, _, worst = compare(rewrite, model, 1, 3, 8, 8)
    assert count == 2
    assert worst < 1e-5


def test_a_bias_with_other_readers_stays_whole(compare):
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 6, 3, groups=3, padding=1)
            self.last = nn.Conv2d(6, 6, 1)
            self.last.bias = self.first.bias

        def forward(self, image):
            return self.last(self.first(image))

    count, _, worst = compare(rewrite, Shared(), 1, 3, 6, 6)
    assert count == 1
    assert worst < 1e-5


def test_plain_depthwise_and_grouped_convolutions_are_left_alone(compare):
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 8, 3, groups=2))
    count, graph, worst = compare(rewrite, model, 1, 4, 8, 8)
    assert count == 0
    assert worst == 0
    assert len(convolutions(graph)) == 2


def test_it_stays_whole_where_its_channels_are_the_output(compare):
    assert compare(rewrite, nn.Conv2d(3, 6, 3, groups=3), 1, 3, 6, 6)[0] == 0
