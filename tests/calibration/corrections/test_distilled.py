import pytest
import torch

from edgekit.calibration.corrections.registry import repair
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.errors import InputError

GENTLE = CorrectionSettings(steps=40, learning_rate=3e-4)


@pytest.fixture
def case(skewed, case_of, images):
    return case_of(skewed(True), [image.abs() for image in images(96)])


def test_samples_that_nobody_has_seen_agree_better(case):
    quantized = case.quantize(case.program)
    taught = repair(case.program, quantized, ["distilled"], case.samples[:64], GENTLE)
    after = case.quantize(taught)
    case.samples = case.samples[64:]
    assert case.sqnr(after) > case.sqnr(quantized) + 1


def test_what_makes_it_worse_is_thrown_away(case):
    quantized = case.quantize(case.program)
    harsh = GENTLE.model_copy(update={"learning_rate": 10.0, "steps": 2})
    assert repair(case.program, quantized, ["distilled"], case.samples, harsh) is case.program


def test_the_same_seed_gives_the_same_weights(case):
    quantized, short = case.quantize(case.program), GENTLE.model_copy(update={"steps": 3})
    runs = [repair(case.program, quantized, ["distilled"], case.samples, short) for _ in range(2)]
    assert torch.equal(*(case.outputs(program) for program in runs))


def test_too_few_samples_are_one_clear_error(case):
    with pytest.raises(InputError, match="distilled got 2 samples"):
        repair(case.program, case.quantize(case.program), ["distilled"], case.samples[:2], GENTLE)
