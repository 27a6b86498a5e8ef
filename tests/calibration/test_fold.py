import pytest
import torch
from torch import nn
from torch.nn import functional

from edgekit.calibration.fold import fold_batch_norms
from edgekit.calibration.program import relift, unlift


def stir(model):
    """Give batch norms statistics that matter."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            if module.affine:
                nn.init.normal_(module.weight)
                nn.init.normal_(module.bias)
    return model.eval()


def folded(model):
    """Return how many batch norms were folded, and whether the function stayed the same."""
    example = (torch.randn(1, 3, 8, 8),)
    graph = unlift(torch.export.export(stir(model), example))
    count = fold_batch_norms(graph)
    again = relift(graph, example).module(check_guards=False)
    return count, torch.allclose(again(*example), model(*example), atol=1e-4)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("groups", [1, 3])
def test_folding_keeps_the_function(bias, affine, groups):
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 6, 3, groups=groups, bias=bias)
    assert folded(nn.Sequential(conv, nn.BatchNorm2d(6, affine=affine))) == (1, True)


def test_a_convolution_that_something_else_reads_is_left_alone():
    class Branch(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)

        def forward(self, image):
            seen = self.conv(image)
            return seen + self.norm(seen)

    assert folded(Branch()) == (0, True)


def test_a_shared_weight_is_left_alone():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

        def forward(self, image):
            return self.conv(self.norm(self.conv(image)))

    assert folded(Twice()) == (0, True)


class Computed(nn.Module):
    """A convolution whose weight, or bias, the graph computes."""

    def __init__(self, which):
        super().__init__()
        self.conv, self.norm, self.which = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), which

    def forward(self, image):
        weight, bias = self.conv.weight, self.conv.bias
        weight = weight - weight.mean() if self.which == "weight" else weight
        bias = bias * 2 if self.which == "bias" else bias
        return self.norm(functional.conv2d(image, weight, bias))


@pytest.mark.parametrize("which", ["weight", "bias"])
def test_a_computed_weight_or_bias_is_left_alone(which):
    assert folded(Computed(which)) == (0, True)
