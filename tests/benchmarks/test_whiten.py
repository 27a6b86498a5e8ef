import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from benchmarks.whiten import whiten


def pictures(seed: int, detail: float = 1.0) -> torch.Tensor:
    """Strong smooth contrasts with faint detail, as photographs have them."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.randn(32, 3, 8, 8, generator=random)
    smooth = nn.functional.interpolate(coarse, size=(64, 64), mode="bilinear")
    return smooth + detail * 0.01 * torch.randn(32, 3, 64, 64, generator=random)


@settings(max_examples=10, deadline=None)
@given(kernel=st.sampled_from([2, 3, 4, 8]), width=st.integers(1, 48), seed=st.integers(0, 9))
def test_outputs_have_unit_variance_and_no_bias(kernel, width, seed):
    first = nn.Conv2d(3, width, kernel, stride=kernel)
    images = pictures(seed)
    whiten(first, images)
    with torch.no_grad():
        outputs = first(images)
    spread = (outputs - outputs.mean((0, 2, 3), keepdim=True)).std()
    assert spread == pytest.approx(1, rel=0.05)
    assert not first.bias.any()


def test_faint_detail_comes_out_stronger_than_from_random_filters():
    def share(first: nn.Conv2d) -> float:
        with torch.no_grad():
            without, with_detail = (first(pictures(0, detail)) for detail in (0.0, 1.0))
        return float((with_detail - without).std() / with_detail.std())

    first = nn.Conv2d(3, 32, 8, stride=8)
    before = share(first)
    whiten(first, pictures(1))
    assert share(first) > 3 * before


def test_a_convolution_without_bias_stays_without():
    first = nn.Conv2d(3, 4, 3, stride=2, bias=False)
    whiten(first, pictures(0))
    assert first.bias is None
    assert torch.isfinite(first.weight).all()
