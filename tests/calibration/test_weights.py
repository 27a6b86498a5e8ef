import pytest
import torch
from torch import nn

from edgekit.calibration.operators import pairs
from edgekit.calibration.program import relift, unlift
from edgekit.calibration.weights import quantize_weight

EXAMPLE = (torch.zeros(1, 4),)


def edited(model, folded, weights="int8"):
    graph = unlift(torch.export.export(model, EXAMPLE))
    for node in graph.graph.nodes:
        if node.target == torch.ops.aten.linear.default:
            quantize_weight(graph, node, 0, per_channel=True, folded=folded, weights=weights)
    return relift(graph, EXAMPLE)


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize(("weights", "steps"), [("int8", 127), ("int7", 64), ("uint8", 127)])
def test_the_weight_loses_half_a_step_at_most(folded, weights, steps):
    torch.manual_seed(0)
    model = nn.Linear(4, 3, bias=False)
    again = edited(model, folded, weights).module(check_guards=False)
    seen = torch.cat([again(row[None]) for row in torch.eye(4)]).T
    step = model.weight.abs().amax(dim=1, keepdim=True) / steps
    assert ((seen - model.weight).abs() <= 0.501 * step).all()


def test_two_products_with_weights_of_7_bits_fit_into_16():
    stored = edited(nn.Linear(4, 3), folded=True, weights="int7").state_dict.values()
    integers = next(value for value in stored if value.dtype == torch.int8)
    assert integers.abs().max() == 64
    assert 2 * 255 * int(integers.abs().max()) < 2**15


def test_unsigned_weights_are_around_128():
    stored = edited(nn.Linear(4, 3), folded=True, weights="uint8").state_dict.values()
    integers = next(value for value in stored if value.dtype == torch.uint8)
    assert {int(integers.min()), int(integers.max())} & {1, 255}


def test_folded_weights_are_stored_as_integers():
    stored = edited(nn.Linear(4, 3), folded=True).state_dict
    assert torch.int8 in {value.dtype for value in stored.values()}


def test_unfolded_weights_stay_float_in_a_pair():
    program = edited(nn.Linear(4, 3), folded=False)
    assert [n for n in program.graph.nodes if n.target == pairs.quantize_per_channel.default]


def test_a_weight_that_is_read_twice_is_quantized_once_for_both():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4, bias=False)

        def forward(self, values):
            return self.layer(self.layer(values))

    torch.manual_seed(0)
    model, sample = Shared(), torch.randn(1, 4)
    again = edited(model, folded=True).module(check_guards=False)
    assert torch.allclose(again(sample), model(sample), atol=0.05)


def test_a_computed_weight_stays_as_it_is():
    class Computed(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3, 4))

        def forward(self, values):
            return nn.functional.linear(values, self.weight / 3)

    again = edited(Computed(), folded=True).module(check_guards=False)
    assert torch.equal(again(torch.ones(1, 4)), Computed()(torch.ones(1, 4)))
