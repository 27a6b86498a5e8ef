import pytest
import torch
from torch import nn

from edgekit.calibration.program import float_program
from edgekit.errors import InputError


def test_the_program_equals_the_detector(student, program, data, run_program):
    _, arrays = next(data.batches(1))
    expected = student.logits(arrays)
    got = run_program(program, *(torch.from_numpy(array) for array in arrays))
    assert abs(got.numpy() - expected).max() < 1e-4


def test_batch_norms_are_gone(program):
    assert not [n for n in program.graph.nodes if "batch_norm" in str(n.target)]


def test_inputs_have_the_signatures_names(detector_of):
    class Two(nn.Module):
        def forward(self, x, y):
            return torch.relu(x - 2 * y)

    detector = detector_of(Two(), (1, 2), (1, 2))
    assert float_program(detector).graph_signature.user_inputs == ("in0", "in1")


def test_an_input_may_be_called_like_an_operator(detector_of, run_program):
    class One(nn.Module):
        def forward(self, x):
            return torch.relu(x) + 1

    detector = detector_of(One(), (1, 2))
    spec = detector.signature.inputs[0].model_copy(update={"name": "relu"})
    signature = detector.signature.model_copy(update={"inputs": (spec,)})
    program = float_program(type(detector)(detector.model, signature, {}))
    assert program.graph_signature.user_inputs == ("relu",)
    assert run_program(program, torch.tensor([[-1.0, 3.0]])).tolist() == [[1.0, 4.0]]


def test_the_detector_stays_as_it_is(student):
    before = {name: value.clone() for name, value in student.model.state_dict().items()}
    float_program(student)
    after = student.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_model_that_cannot_be_traced_is_one_clear_error(detector_of):
    class Jumps(nn.Module):
        def forward(self, x):
            return x if x.sum().item() > 0 else x * 2

    with pytest.raises(InputError, match=r"torch\.export cannot trace"):
        float_program(detector_of(Jumps(), (1, 2)))
