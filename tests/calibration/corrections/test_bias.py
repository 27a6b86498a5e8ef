import pytest
import torch
from torch import nn

from edgekit.calibration.corrections.registry import repair


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_shift_of_the_mean_is_taken_back(bias, folded, skewed, case_of, images):
    case = case_of(skewed(bias), [image.abs() for image in images(24)])
    quantized = case.quantize(case.program, folded)
    corrected = case.quantize(
        repair(case.program, quantized, ["bias_correction"], case.samples), folded
    )
    assert case.sqnr(corrected) > case.sqnr(quantized) + 6
    wanted, before, after = map(case.outputs, (case.program, quantized, corrected))
    assert (after - wanted).mean(0).abs().max() < 0.2 * (before - wanted).mean(0).abs().max()


def test_integers_of_weights_stay_as_they_are(skewed, case_of, images):
    case = case_of(skewed(True), images(4))
    quantized = case.quantize(case.program)
    fixed = repair(case.program, quantized, ["bias_correction"], case.samples)
    before, after = (
        [value for value in program.state_dict.values() if value.dtype == torch.int8]
        for program in (quantized, case.quantize(fixed))
    )
    assert before
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


class Twice(nn.Module):
    """One layer is called twice, so no bias of it serves both calls."""

    def __init__(self):
        super().__init__()
        self.layer, self.head = nn.Linear(6, 6), nn.Linear(6, 2)

    def forward(self, values):
        return self.head(self.layer(self.layer(values)))


def test_a_layer_that_is_called_twice_keeps_its_bias(case_of):
    torch.manual_seed(0)
    case = case_of(Twice().eval(), list(torch.randn(8, 1, 6)))
    quantized = case.quantize(case.program)
    fixed = repair(case.program, quantized, ["bias_correction"], case.samples)
    before, after = case.program.state_dict, fixed.state_dict
    assert torch.equal(before["layer.bias"], after["layer.bias"])
    assert not torch.equal(before["head.bias"], after["head.bias"])
