"""Separable self-attention, in a form that TFLite's converter takes."""

import pytest
import torch
from torch import nn

from edgekit.calibration.rewrites.patch_softmax import rewrite

aten = torch.ops.aten


class SeparableAttention(nn.Module):
    """MobileViTv2's attention: one score per patch weighs the keys."""

    def __init__(self, channels, heads=1):
        super().__init__()
        self.parts = [heads, channels, channels]
        self.inner, self.out = nn.Conv2d(channels, sum(self.parts), 1), nn.Conv2d(channels, 4, 1)

    def forward(self, patches):
        query, key, value = self.inner(patches).split(self.parts, dim=1)
        context = (key * query.softmax(-1).mean(1, keepdim=True)).sum(-1, keepdim=True)
        return self.out(value.relu() * context)


def test_the_softmax_works_on_two_dimensions_and_gives_the_same(compare):
    count, graph, error = compare(rewrite, SeparableAttention(8), 1, 8, 4, 16)
    softmax = next(node for node in graph.nodes if node.target == aten.softmax.int)
    assert count == 1
    assert softmax.meta["val"].shape == (4, 16)
    assert error < 1e-6


@pytest.mark.parametrize(("heads", "batch"), [(2, 1), (1, 2)])
def test_more_channels_or_images_are_left_alone(compare, heads, batch):
    count, _, error = compare(rewrite, SeparableAttention(8, heads), batch, 8, 4, 16)
    assert count == 0
    assert error == 0
