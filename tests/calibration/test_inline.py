"""Regions without gradients or autocast are part of the graph again."""

import pytest
import torch
from torch import nn

from edgekit.calibration.inline import inline_regions
from edgekit.calibration.program import float_program, relift, unlift


class Regions(nn.Module):
    """What is computed in regions depends on the input, on constants, and on another region."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, image):
        with torch.no_grad():
            low, high = image.amin(3, keepdim=True), image.amax(3, keepdim=True)
            with torch.autocast("cpu", enabled=False):
                grid = torch.arange(8.0).square() * high
        return self.conv(image - low + grid).mean((2, 3)) + high.mean()


def regions(graph):
    return [node for node in graph.nodes if isinstance(node.target, torch._ops.HigherOrderOperator)]


def test_regions_are_inlined_and_the_function_stays_the_same():
    torch.manual_seed(0)
    model, image = Regions().eval(), torch.randn(1, 3, 8, 8)
    graph = unlift(torch.export.export(model, (image,)))
    assert inline_regions(graph) == 1
    assert not regions(graph.graph)
    again = relift(graph, (image,)).module(check_guards=False)(image)
    torch.testing.assert_close(again, model(image), rtol=0, atol=1e-6)


def test_an_autocast_that_is_on_is_left_as_it_is():
    class Half(Regions):
        def forward(self, image):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.conv(image)

    graph = unlift(torch.export.export(Half().eval(), (torch.randn(1, 3, 8, 8),)))
    assert inline_regions(graph) == 0
    assert regions(graph.graph)


@pytest.mark.parametrize("gradients", [True, False])
def test_the_float_program_has_none(detector_of, gradients):
    with torch.set_grad_enabled(gradients):
        program = float_program(detector_of(Regions(), (1, 3, 8, 8)))
    assert not regions(program.graph)
