import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.corrections.draft import Draft, channel_maxima
from edgekit.calibration.corrections.registry import prepare
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.smooth import smooth
from edgekit.calibration.program import unlift
from edgekit.errors import InputError


class Block(nn.Module):
    """A LayerNorm and the linear layers that read it."""

    def __init__(self, readers=1, affine=True, bias=True, outlier=1.0, transposed=False):
        super().__init__()
        self.norm = nn.LayerNorm(8, elementwise_affine=affine, bias=bias)
        self.readers = nn.ModuleList(nn.Linear(8, 8) for _ in range(readers))
        self.drop, self.head, self.transposed = nn.Dropout(), nn.Linear(8, 2), transposed
        if affine:
            with torch.no_grad():
                self.norm.weight[3] *= outlier

    def forward(self, tokens):
        seen = self.drop(self.norm(tokens))
        seen = seen.transpose(0, 1) if self.transposed else seen
        return self.head(torch.stack([reader(seen) for reader in self.readers]).sum(0).relu())


def tokens(count, seed=0):
    return list(torch.randn(count, 1, 5, 8, generator=torch.Generator().manual_seed(seed)))


@settings(max_examples=10)
@given(
    readers=st.integers(1, 3),
    bias=st.booleans(),
    outlier=st.sampled_from([0.0, 1.0, 80.0]),
    transposed=st.booleans(),
    alpha=st.floats(0, 1),
)
def test_the_function_stays_the_same(readers, bias, outlier, transposed, alpha, traced):
    torch.manual_seed(0)
    model, samples = Block(readers, True, bias, outlier, transposed).eval(), tokens(4)
    graph = traced(model, samples[0])
    settings = CorrectionSettings(alpha=alpha)
    assert smooth(Draft(graph, [(sample,) for sample in samples], settings)) == 1
    for sample in samples:
        assert torch.allclose(graph(sample), model(sample), atol=1e-4, rtol=1e-4)


def test_an_outlier_no_longer_sets_the_scale_of_all_channels(case_of):
    torch.manual_seed(0)
    case = case_of(Block(outlier=100.0).eval(), tokens(24), method="min_max")
    with torch.no_grad():  # what the outlier says matters no more than the rest
        before = case.sqnr(case.quantize(case.program))
    smoothed = prepare(case.program, ["smooth"], case.samples)
    case.ranges = case.observe(smoothed)
    assert case.sqnr(case.quantize(smoothed)) > before + 3


def test_maxima_are_the_largest_values_of_each_channel(case_of):
    case = case_of(Block().eval(), tokens(6))
    norm = case.detector.model.norm
    with torch.no_grad():
        seen = torch.cat([norm(sample) for (sample,) in case.samples])
    maxima = channel_maxima(unlift(case.program), case.samples, 6)
    assert {key: value.shape for key, value in maxima.items()} == {"layer_norm": (8,)}
    assert np.allclose(maxima["layer_norm"], seen.abs().amax((0, 1)), atol=1e-5)


def test_no_samples_is_one_clear_error(case_of):
    case = case_of(Block().eval(), tokens(2))
    with pytest.raises(InputError, match="smooth needs samples"):
        prepare(case.program, ["smooth"])


class Residual(Block):
    """Something else than a linear layer reads the LayerNorm."""

    def forward(self, tokens):
        seen = self.norm(tokens)
        return self.head(self.readers[0](seen) + seen)


@pytest.mark.parametrize("model", [Residual(), Block(affine=False)], ids=["residual", "plain"])
def test_other_layer_norms_are_left_alone(model, case_of):
    case = case_of(model.eval(), tokens(2))
    assert prepare(case.program, ["smooth"], case.samples) is case.program
