import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from edgekit.calibration.integer_functions import rewrite_functions
from edgekit.calibration.operators import group_of, pairs
from edgekit.calibration.program import unlift
from edgekit.calibration.scales import activation_qparams
from edgekit.calibration.scheme import SCHEMES, Scheme

FUNCTIONS = {
    "hard_swish": functional.hardswish,
    "silu": functional.silu,
    "gelu": functional.gelu,
}
# The largest slope of each function, and what its form is off by before any rounding.
SLOPES = {"hard_swish": (1.5, 0.0), "silu": (1.1, 0.0), "gelu": (1.13, 0.021)}
NAMED = tuple(FUNCTIONS)


def scheme(activation, relabels):
    return Scheme(
        activation=activation,
        symmetric=False,
        operators=("convolution",),
        integer_activations=NAMED,
        relabels=relabels,
    )


def restored(tensor, figures):
    quantized = pairs.quantize_per_tensor(tensor, *figures.arguments())
    return pairs.dequantize_per_tensor(quantized, *figures.arguments())


class Between(nn.Module):
    """An activation function between two pairs."""

    def __init__(self, function, read, given):
        super().__init__()
        self.function, self.read, self.given = function, read, given

    def forward(self, values):
        return restored(self.function(restored(values, self.read)), self.given)


def integer_form(name, read, given, kind):
    """Return the rewritten graph as a module."""
    model, example = Between(FUNCTIONS[name], read, given), (torch.zeros(1, 1, 1, 512),)
    graph = unlift(torch.export.export(model, example))
    rewrite_functions(graph, [n for n in graph.graph.nodes if group_of(n) == name], kind)
    assert not [node for node in graph.graph.nodes if group_of(node) in NAMED]
    graph.recompile()
    return graph


@pytest.mark.parametrize("relabels", [True, False])
@pytest.mark.parametrize("activation", ["uint8", "int8"])
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=8)  # each one is traced
@given(low=st.floats(-20, 0), high=st.floats(0.1, 20))
def test_it_stays_within_the_error_of_quantization(name, activation, relabels, low, high):
    kind = scheme(activation, relabels)
    read = activation_qparams(low, high, kind)
    values = torch.linspace(low, high, 512).reshape(1, 1, 1, -1)
    wanted = FUNCTIONS[name](values)
    given = activation_qparams(float(wanted.min()), float(wanted.max()), kind)
    got = integer_form(name, read, given, kind)(values)
    slope, form = SLOPES[name]
    # Half a step of what is read, of the gate (a whole one where it saturates below 1) and of the
    # result; the ends of a range that was moved to hold 0 exactly may be another half off.
    bound = slope * read.scale + form + values.abs() * 1.5 / 256 + given.scale
    assert ((got - wanted).abs() <= bound * 1.001).all()


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("activation", ["uint8", "int8"])
def test_both_kinds_of_scheme_give_the_same(name, activation):
    kinds = [scheme(activation, relabels) for relabels in (True, False)]
    read, given = (activation_qparams(*ends, kinds[0]) for ends in ((-4.0, 5.0), (-0.4, 5.0)))
    values = torch.linspace(-4, 5, 512).reshape(1, 1, 1, -1)
    one, other = (integer_form(name, read, given, kind)(values) for kind in kinds)
    # Rounding of the scaled input may fall to either side of a step.
    assert (one - other).abs().max() <= given.scale * 1.001


def test_only_schemes_that_relabel_read_integers_with_another_scale():
    def constants_are_multiplied(relabels):
        kind = scheme("int8", relabels)
        figures = activation_qparams(-4.0, 4.0, kind)
        graph = integer_form("gelu", figures, figures, kind).graph
        return len(graph.find_nodes(op="call_function", target=torch.ops.aten.mul.Tensor)) - 1

    assert constants_are_multiplied(relabels=True) == 0
    assert constants_are_multiplied(relabels=False) == 1


def test_the_tests_cover_what_schemes_name():
    assert {name for kind in SCHEMES.values() for name in kind.integer_activations} <= set(NAMED)
    assert SCHEMES["onnxruntime"].relabels
    assert not SCHEMES["tflite"].relabels
