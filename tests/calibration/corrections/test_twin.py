import pytest
import torch
from torch import nn

from edgekit.calibration.corrections.registry import repair
from edgekit.calibration.corrections.samples import Images, spread
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.twin import make_twin
from edgekit.calibration.corrections.walk import walk
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.errors import InputError

SETTINGS = CorrectionSettings()


def images_of(data, count):
    return spread(Images(data), count)


FORMS = [(name, True, True) for name in SCHEMES]
FORMS += [("tflite", False, True), ("onnxruntime", True, False), ("tensorrt", False, False)]


@pytest.mark.parametrize(("name", "folded", "per_channel"), FORMS)
def test_the_simulation_says_what_the_quantized_program_says(
    name, folded, per_channel, program, ranges, data, run_program
):
    scheme = SCHEMES[name].model_copy(update={"per_channel": per_channel})
    quantized, samples = quantize(program, ranges, scheme, folded), images_of(data, 4)
    twin = make_twin(program, quantized, samples, SETTINGS)
    assert sum(layer.grid is not None for layer in twin.layers) > 3
    with torch.no_grad():
        got = torch.cat(walk(twin.simulated, samples))
    wanted = torch.cat([run_program(quantized, *sample) for sample in samples])
    exact = torch.cat([run_program(program, *sample) for sample in samples])
    # One rounding at a tie may fall to the other side; int8 itself is ten times farther away.
    assert (got - wanted).abs().mean() < 0.1 * (wanted - exact).abs().mean()


class Rewritten(nn.Module):
    """A convolution that rewrites split, one whose columns they put into another order, a head."""

    def __init__(self):
        super().__init__()
        self.multiplied = nn.Conv2d(4, 8, 3, padding=1, groups=4)
        self.large = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.mixed, self.head = nn.Conv2d(8, 4, 1), nn.Linear(4, 2)

    def forward(self, image):
        seen = self.large(self.multiplied(image)).relu()
        return self.head(self.mixed(seen).relu().mean((2, 3)))


@pytest.mark.parametrize("name", ["onnxruntime", "tflite"])
def test_layers_that_a_rewrite_has_changed_are_left_alone(name, case_of, images):
    torch.manual_seed(0)
    rewrites = {"rewrites": ("depthwise_multiplier", "large_depthwise")}
    case = case_of(Rewritten().eval(), images(12, channels=4), **rewrites)
    quantized = case.quantize(case.program)
    fixed = repair(case.program, quantized, ["rounding", "bias_correction"], case.samples)
    before, after = case.program.state_dict, fixed.state_dict
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert "head.bias" in changed
    assert not {"multiplied.weight", "multiplied.bias"} & changed
    assert case.sqnr(case.quantize(fixed)) > case.sqnr(quantized)


def test_activation_functions_in_integers_are_simulated(case_of, images):
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3), nn.Hardswish(), nn.Conv2d(8, 8, 3), nn.SiLU(), nn.Flatten()]
    case = case_of(nn.Sequential(*layers, nn.Linear(128, 2)).eval(), images(8))
    quantized = case.quantize(case.program)
    twin = make_twin(case.program, quantized, case.samples, SETTINGS)
    left = {str(node.target) for node in twin.simulated.graph.nodes}
    assert not [name for name in left if "quantized_decomposed.quantize" in name]
    with torch.no_grad():
        got = torch.cat(walk(twin.simulated, case.samples))
    wanted, exact = case.outputs(quantized), case.outputs(case.program)
    assert (got - wanted).abs().mean() < 0.1 * (wanted - exact).abs().mean()


def test_programs_that_do_not_belong_together_are_refused(program, case_of):
    case = case_of(nn.Sequential(nn.Linear(4, 2)), list(torch.randn(4, 1, 4)))
    with pytest.raises(InputError, match="float program that is given beside it"):
        make_twin(program, case.program, case.samples, SETTINGS)


def test_samples_are_spread_over_all_classes(data):
    chosen = images_of(data, 4)
    assert len(chosen) == 4
    assert [tuple(sample[0].shape) for sample in chosen] == [(1, 3, 64, 64)] * 4
    assert spread(list(range(10)), 5) == [0, 2, 4, 6, 8]
    assert spread(list(range(3)), 5) == [0, 1, 2]
