"""How far another order of channels reaches, shown by the rewrite that needs it."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from edgekit.calibration.rewrites.channels import plan_reorder
from edgekit.calibration.rewrites.depthwise_multiplier import rewrite

aten = torch.ops.aten


class Reader(nn.Module):
    """A depthwise convolution with a multiplier, 4 to 8 channels, and what reads it."""

    def __init__(self, *layers):
        super().__init__()
        self.split = nn.Conv2d(4, 8, 3, padding=1, groups=4)
        self.layers = nn.Sequential(*layers)

    def forward(self, image):
        return self.layers(self.split(image))


class Gate(nn.Module):
    """Squeeze and excite (Hu et al., CVPR 2018)."""

    def __init__(self, bias=True):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1, bias=bias)

    def forward(self, image):
        seen = torch.relu(self.reduce(image.mean((2, 3), keepdim=True)))
        return image * torch.sigmoid(self.expand(seen))


class Residual(nn.Module):
    """Two ways from the same channels, one through a depthwise convolution."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Conv2d(8, 8, 3, padding=1, groups=8)

    def forward(self, image):
        return image + self.mix(image)


class Read(nn.Module):
    """Some function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, image):
        return self.function(image)


def pointwise():
    return nn.Conv2d(8, 3, 1)


REACHED = {
    "hard_swish": (nn.Hardswish(), pointwise()),
    "gelu": (nn.GELU(), pointwise()),
    "max_pool": (nn.MaxPool2d(2), pointwise()),
    "average": (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)),
    "mean": (Read(lambda seen: seen.mean((-2, -1))), nn.ReLU(), nn.Linear(8, 2)),
    "gate": (Gate(), pointwise()),
    "gate_without_bias": (Gate(bias=False), nn.SiLU(), pointwise()),
    "residual": (Residual(), pointwise()),
    "depthwise": (nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.ReLU6(), pointwise()),
}
REFUSED = {
    "slice": (Read(lambda seen: seen[:, :5]),),
    "flatten": (nn.Flatten(), nn.Linear(8 * 64, 2)),
    "grouped": (nn.Conv2d(8, 4, 1, groups=2),),
    "channel_mean": (Read(lambda seen: seen.mean(1, keepdim=True)), nn.Conv2d(1, 2, 1)),
    "roll": (Read(lambda seen: seen.roll(1, 1)), pointwise()),
    "constant": (Read(lambda seen: seen * torch.arange(8.0).reshape(8, 1, 1)), pointwise()),
    "row_linear": (nn.Linear(8, 2), nn.Flatten()),  # reads columns, as many as there are channels
}


@pytest.mark.parametrize("name", REACHED)
def test_the_order_reaches_through(name, compare):
    torch.manual_seed(0)
    count, graph, worst = compare(rewrite, Reader(*REACHED[name]), 1, 4, 8, 8)
    assert count == 1
    assert worst < 1e-5
    assert graph.find_nodes(op="call_function", target=aten.cat.default)


@pytest.mark.parametrize("name", REFUSED)
def test_what_reads_channels_otherwise_is_refused(name, compare):
    torch.manual_seed(0)
    count, graph, worst = compare(rewrite, Reader(*REFUSED[name]), 1, 4, 8, 8)
    assert count == 0
    assert worst == 0
    assert not graph.find_nodes(op="call_function", target=aten.cat.default)


class Beside(nn.Module):
    """Something else, in the old order, meets the channels."""

    def __init__(self, shared):
        super().__init__()
        self.split, self.other = nn.Conv2d(4, 8, 1, groups=4), nn.Conv2d(4, 8, 1)
        self.head, self.shared = nn.Conv2d(8, 2, 1), shared

    def forward(self, image):
        beside = self.other(image)
        seen = self.head(self.split(image) + beside)
        return seen + self.head(beside) if self.shared else seen


def test_a_full_convolution_beside_gives_the_new_order_where_nothing_else_reads_it(compare):
    torch.manual_seed(0)
    count, _, worst = compare(rewrite, Beside(shared=False), 1, 4, 5, 5)
    assert count == 1
    assert worst < 1e-5


def test_a_residual_sum_with_a_tensor_in_the_old_order_is_refused(compare):
    torch.manual_seed(0)
    count, _, worst = compare(rewrite, Beside(shared=True), 1, 4, 5, 5)
    assert count == 0
    assert worst == 0


class Twice(nn.Module):
    """The same weights read reordered channels and others."""

    def __init__(self):
        super().__init__()
        self.split, self.head = nn.Conv2d(4, 8, 1, groups=4), nn.Conv2d(8, 2, 1)

    def forward(self, image):
        return self.head(self.split(image)) + self.head(functional.pad(image, (0, 0, 0, 0, 2, 2)))


def test_weights_that_something_else_reads_are_refused(compare):
    count, _, worst = compare(rewrite, Twice(), 1, 4, 5, 5)
    assert count == 0
    assert worst == 0


def test_a_plan_names_constants_and_axes():
    graph = torch.export.export(Reader(Gate(), pointwise()), (torch.zeros(1, 4, 8, 8),)).module()
    split = graph.graph.find_nodes(op="call_function", target=aten.conv2d.default)[0]
    plan = plan_reorder(graph, split, torch.arange(8).flip(0))
    assert set(plan.constants) == {
        ("layers.0.reduce.weight", 1),
        ("layers.0.expand.weight", 0),
        ("layers.0.expand.bias", 0),
        ("layers.1.weight", 1),
    }
