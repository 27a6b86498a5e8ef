import pytest
import torch
from torch import nn

from edgekit.calibration.operators import IDENTITIES
from edgekit.calibration.program import relift, unlift
from edgekit.calibration.simplify import simplify

aten = torch.ops.aten


class Of(nn.Module):
    """A function with a convolution, as a model."""

    def __init__(self, function, bias=True):
        super().__init__()
        self.function, self.conv = function, nn.Conv2d(2, 3, 1, bias=bias)
        self.gamma = nn.Parameter(torch.tensor([2.0, -0.5, 3.0]).reshape(3, 1, 1))
        self.image_gamma = nn.Parameter(self.gamma[None].detach())
        self.rows = nn.Parameter(self.gamma[0:, 0].detach())
        self.pixels = nn.Parameter(torch.arange(27.0).reshape(3, 3, 3))

    def forward(self, image):
        return self.function(self, image)


@torch.no_grad()  # autograd forbids to write into some views
def simplified(function, bias=True):
    """Trace and simplify; the function must stay the same."""
    torch.manual_seed(0)
    model, sample = Of(function, bias).eval(), torch.randn(1, 2, 3, 3)
    graph = unlift(torch.export.export(model, (sample,)))
    simplify(graph)
    got = relift(graph, (sample,)).module(check_guards=False)(sample)
    assert torch.allclose(got, model(sample), atol=1e-6)
    return graph.graph


def count(graph, operator):
    return len(graph.find_nodes(op="call_function", target=operator))


def test_identities_are_gone():
    def function(self, image):
        seen = nn.functional.dropout(self.conv(image), training=False)
        return torch.relu(seen.contiguous()).detach()

    assert not [node for node in simplified(function).nodes if node.target in IDENTITIES]


def test_a_copy_that_is_written_into_stays_a_copy():
    def function(self, image):
        turned = self.conv(image).permute(0, 3, 2, 1)
        return turned.contiguous().relu_() + turned

    assert count(simplified(function), aten.contiguous.default) == 1


IN_PLACE = {
    "relu": nn.functional.relu_,
    "relu6": nn.ReLU6(inplace=True),
    "hard_swish": nn.Hardswish(inplace=True),
    "silu": nn.SiLU(inplace=True),
    "sigmoid": torch.sigmoid_,
    "add": lambda seen: seen.add_(1.5 * seen),
    "mul": lambda seen: seen.mul_(seen),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_operators_become_functional(name):
    def function(self, image):
        seen = self.conv(image)
        before = seen * 2
        given = IN_PLACE[name](seen)
        return before + seen + 3 * given  # `seen` is what was written

    targets = [str(node.target) for node in simplified(function).nodes if node.op != "output"]
    assert not [target for target in targets if "_.default" in target or "_.Tensor" in target]


THROUGH_VIEWS = {
    "the_other_name_is_a_view": lambda seen: (seen.view(3, 9), torch.relu_(seen)),
    "the_view_is_written": lambda seen: (torch.relu_(seen.permute(0, 2, 3, 1)), seen),
    "a_slice_is_written": lambda seen: (torch.relu_(seen[:, :2]), seen),
    "a_row_is_written": lambda seen: (torch.relu_(seen.select(2, 1)), seen),
    "a_part_is_written": lambda seen: (torch.relu_(seen.chunk(3, 1)[1]), seen),
    "a_part_is_read": lambda seen: (seen.chunk(3, 1)[1], torch.relu_(seen)),
    "a_slice_is_read": lambda seen: (seen[:, 1:], torch.relu_(seen)),
    "twice": lambda seen: (seen.view(3, 9), seen.mul_(seen).relu_()),
}


@pytest.mark.parametrize("name", THROUGH_VIEWS)
def test_what_is_written_through_a_view_is_left_alone(name):
    def function(self, image):
        first, second = THROUGH_VIEWS[name](self.conv(image))
        return first.sum() + 2 * second.sum()

    assert count(simplified(function), aten.relu_.default) == 1


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["gamma", "image_gamma"])
def test_a_factor_per_channel_is_merged_into_the_convolution(name, bias):
    graph = simplified(lambda self, image: self.conv(image) * getattr(self, name), bias)
    assert count(graph, aten.mul.Tensor) == 0


KEPT = {
    "another_reader": lambda self, seen: seen * self.gamma + seen,
    "per_row": lambda self, seen: seen * self.rows,
    "per_pixel": lambda self, seen: seen * self.pixels,
    "computed": lambda self, seen: seen * torch.relu(self.gamma),
}


@pytest.mark.parametrize("name", KEPT)
def test_other_products_stay(name):
    graph = simplified(lambda self, image: KEPT[name](self, self.conv(image)))
    assert count(graph, aten.mul.Tensor) == 1


def test_a_weight_with_another_reader_stays():
    graph = simplified(lambda self, image: self.conv(image) * self.gamma + self.conv(image))
    assert count(graph, aten.mul.Tensor) == 1


def test_a_bias_with_another_reader_keeps_its_figures():
    def function(self, image):
        return self.conv(image) * self.gamma + self.conv.bias.reshape(3, 1, 1)

    assert count(simplified(function), aten.mul.Tensor) == 0
