import copy

import pytest
import torch
from torch import nn

from edgekit.calibration.corrections.registry import repair
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.simulate import Grid

LOW = CorrectionSettings(bits=4, images=24)


def network():
    """Every kind of layer whose inputs are correlated: else no rounding beats the nearest."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding="same", groups=12, bias=False),
        nn.ReLU(),
        nn.Conv2d(12, 8, 3, padding=1, groups=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(72, 16),
        nn.ReLU(),
        nn.Linear(16, 2),
    ).eval()


def nearest(model, bits):
    rounded = copy.deepcopy(model)
    grid = Grid(0, 2 ** (bits - 1) - 1, shared=False)
    with torch.no_grad():
        for layer in [module for module in rounded if hasattr(module, "weight")][:-1]:
            layer.weight.copy_(grid.round(layer.weight))
    return rounded


@pytest.fixture
def case(case_of, images):
    smooth = nn.AvgPool2d(5, 1, 2)
    return case_of(network(), [smooth(image) * 4 for image in images(32)])


def sqnr(wanted, got):
    return float(10 * torch.log10(wanted.square().sum() / (wanted - got).square().sum()))


def test_four_bits_keep_more_than_nearest_rounding_does(case):
    quantized = case.quantize(case.program)
    rounded = repair(case.program, quantized, ["rounding"], case.samples, LOW)
    with torch.no_grad():
        plain = torch.cat([nearest(case.detector.model, 4)(*sample) for sample in case.samples])
    wanted = case.outputs(case.program)
    assert sqnr(wanted, case.outputs(rounded)) > sqnr(wanted, plain) + 2


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(
    ("bits", "weights", "high"),
    [(None, "int8", 127), (None, "int7", 64), (None, "uint8", 127), (4, "int8", 7)],
)
def test_nearest_rounding_of_the_result_is_the_result(bits, weights, high, shared, case):
    case.scheme = case.scheme.model_copy(update={"per_channel": not shared, "weights": weights})
    settings = LOW.model_copy(update={"bits": bits})
    quantized = case.quantize(case.program)
    rounded = repair(case.program, quantized, ["rounding"], case.samples, settings)
    grid = Grid(0, high, shared)
    weights = [value for key, value in rounded.state_dict.items() if key.endswith("weight")]
    on_grid = [torch.allclose(grid.round(value), value, atol=1e-6) for value in weights]
    assert on_grid == [True] * 4 + [False]  # the last layer stays float


def test_eight_bits_are_not_worse(case):
    quantized = case.quantize(case.program)
    rounded = repair(
        case.program, quantized, ["rounding"], case.samples, LOW.model_copy(update={"bits": None})
    )
    assert case.sqnr(case.quantize(rounded)) > case.sqnr(quantized) - 0.5
