import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.corrections.draft import Draft
from edgekit.calibration.corrections.equalize import equalize
from edgekit.calibration.corrections.registry import prepare
from edgekit.calibration.corrections.settings import CorrectionSettings

SETTINGS = CorrectionSettings()
ACTIVATIONS = {
    "relu": nn.ReLU,
    "in place": lambda: nn.ReLU(inplace=True),
    "leaky": nn.LeakyReLU,
    "none": nn.Identity,
    "dropout": nn.Dropout,
    "relu6": nn.ReLU6,
    "hard-swish": nn.Hardswish,
    "gelu": nn.GELU,
}
HOMOGENEOUS = ("relu", "in place", "leaky", "none", "dropout")
BLOCKS = st.tuples(
    st.sampled_from([1, 2, 8]), st.booleans(), st.booleans(), st.sampled_from(sorted(ACTIVATIONS))
)


def uneven(layer, spread=100.0):
    """Give the output channels weights whose ranges differ by `spread`."""
    with torch.no_grad():
        factors = torch.logspace(0, -1, len(layer.weight), base=spread)
        layer.weight *= factors[torch.randperm(len(factors))].reshape(-1, 1, 1, 1)
    return layer


def network(blocks):
    layers = [nn.Conv2d(3, 8, 1)]
    for groups, bias, padded, activation in blocks:
        mode = "same" if padded else 0
        layers += [ACTIVATIONS[activation](), uneven(nn.Conv2d(8, 8, 3, 1, mode, 1, groups, bias))]
    return nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(8, 2, 1)).eval()


@settings(max_examples=12)
@given(blocks=st.lists(BLOCKS, min_size=1, max_size=3))
def test_the_function_stays_the_same(blocks, traced):
    torch.manual_seed(0)
    model, sample = network(blocks).requires_grad_(False), torch.randn(1, 3, 9, 9)
    graph = traced(model, sample)
    expected = 1 + sum(activation in HOMOGENEOUS for *_, activation in blocks)
    assert equalize(Draft(graph, (), SETTINGS)) == expected
    wanted = model(sample)
    assert torch.allclose(graph(sample), wanted, atol=2e-4 * float(wanted.abs().max()))


def test_ranges_become_equal(traced):
    torch.manual_seed(0)
    model = nn.Sequential(uneven(nn.Conv2d(3, 8, 1)), nn.ReLU(), nn.Conv2d(8, 4, 1))
    graph = traced(model, torch.randn(1, 3, 4, 4))
    equalize(Draft(graph, (), SETTINGS))
    first, second = (graph.get_submodule(name).weight for name in "02")
    given, read = first.abs().amax((1, 2, 3)), second.abs().amax((0, 2, 3))
    assert torch.allclose(given, read, rtol=1e-3)


def test_channels_that_differ_a_hundredfold_share_one_scale(case_of, images):
    torch.manual_seed(0)
    first, second, third = nn.Conv2d(3, 16, 3), nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 8, 1)
    with torch.no_grad():  # what the first layer says softly, the third one hears loudly
        factors = torch.logspace(0, -2, 16).reshape(-1, 1, 1, 1)
        first.weight *= factors
        first.bias *= factors.flatten()
        third.weight /= factors.reshape(1, -1, 1, 1)
        second.bias *= 0
    middle = [first, nn.ReLU(), second, nn.ReLU(), third]
    model = nn.Sequential(*middle, nn.Flatten(), nn.Linear(128, 2))
    case = case_of(model, images(16), per_channel=False)
    before = case.sqnr(case.quantize(case.program))
    equal = prepare(case.program, ["equalize"])
    case.ranges = case.observe(equal)
    assert case.sqnr(case.quantize(equal)) > before + 6


def test_a_channel_of_zeros_stays_one(traced):
    torch.manual_seed(0)
    model, sample = network([(1, True, True, "relu")]), torch.randn(1, 3, 9, 9)
    with torch.no_grad():
        model[0].weight[3] = 0
        model[2].weight[:, 5] = 0
    graph = traced(model, sample)
    equalize(Draft(graph, (), SETTINGS))
    assert torch.allclose(graph(sample), model(sample), atol=1e-5)


class Branch(nn.Module):
    """Two layers read the same tensor, and one layer is read twice."""

    def __init__(self, shared):
        super().__init__()
        self.first, self.second, self.shared = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), shared

    def forward(self, image):
        seen = self.first(image).relu()
        return self.first(seen) if self.shared else self.second(seen) + seen


@pytest.mark.parametrize("shared", [True, False])
def test_what_something_else_reads_is_left_alone(shared, traced):
    graph = traced(Branch(shared), torch.randn(1, 3, 4, 4))
    assert equalize(Draft(graph, (), SETTINGS)) == 0
