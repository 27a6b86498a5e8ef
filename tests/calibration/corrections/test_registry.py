import pytest
import torch
from torch import nn

from edgekit.calibration.corrections.registry import CORRECTIONS, Exact, Fitted, prepare, repair
from edgekit.calibration.corrections.samples import Images
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES
from edgekit.errors import InputError

QUICK = CorrectionSettings(steps=2, batch_size=2, images=4)


def names(kind):
    return [name for name, correction in CORRECTIONS.items() if isinstance(correction, kind)]


@pytest.mark.parametrize("apply", [prepare, lambda p, n: repair(p, p, n, ())])
def test_an_unknown_correction_is_one_clear_line(apply, program):
    with pytest.raises(
        InputError, match=r"unknown correction 'equalise'. Choose of equalize, "
    ) as e:
        apply(program, ["smooth", "equalise"])
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_network_with_nothing_to_correct_comes_back_itself(name, case_of):
    class Nothing(nn.Module):
        def forward(self, values):
            return torch.relu(values) * 2

    case = case_of(Nothing(), list(torch.randn(8, 1, 4)))
    assert prepare(case.program, [name], case.samples) is case.program
    quantized = case.quantize(case.program)
    assert repair(case.program, quantized, [name], case.samples) is case.program


@pytest.fixture(scope="module")
def quantized(program, ranges):
    return quantize(program, ranges, SCHEMES["tflite"])


@pytest.mark.parametrize("name", CORRECTIONS)
def test_the_given_programs_stay_as_they_are(name, program, quantized, data):
    given = (program, quantized)
    before = [{key: value.clone() for key, value in p.state_dict.items()} for p in given]
    prepare(program, [name], Images(data), settings=QUICK)
    repair(program, quantized, [name], Images(data), QUICK)
    for old, now in zip(before, given, strict=True):
        assert all(torch.equal(old[key], value) for key, value in now.state_dict.items())


def tensors(program):
    return [node.name for node in program.graph.nodes if node.op == "call_function"]


def test_all_corrections_together_keep_the_names_of_tensors(program, ranges, quantized, data):
    images = Images(data)
    prepared = prepare(program, CORRECTIONS, images, settings=QUICK)
    fixed = repair(program, quantized, CORRECTIONS, images, QUICK)
    assert prepared is not program
    assert fixed is not program
    assert tensors(program) == tensors(prepared) == tensors(fixed)
    quantize(fixed, ranges, SCHEMES["tflite"])  # refuses a Program whose tensors it does not know


def test_each_function_passes_over_the_other_kind(program):
    assert prepare(program, names(Fitted)) is program
    assert repair(program, program, names(Exact), ()) is program


def test_no_samples_is_one_clear_error(program, quantized):
    with pytest.raises(InputError, match="need samples"):
        repair(program, quantized, ["bias_correction"], ())
