import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.distillation.losses import LOSSES, Lesson


def lesson(student, teacher, labels=None):
    labels = torch.zeros(len(student), dtype=torch.int64) if labels is None else labels
    return Lesson(student, teacher, student * 2, teacher * 2, labels)


@pytest.mark.parametrize("name", ["logits", "features"])
@given(seed=st.integers(0, 2**31), classes=st.integers(2, 5))
def test_a_student_that_equals_its_teacher_loses_nothing(name, seed, classes):
    logits = torch.randn(4, classes, generator=torch.Generator().manual_seed(seed))
    assert float(LOSSES[name](lesson(logits, logits.clone()))) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", LOSSES)
@given(seed=st.integers(0, 2**31))
def test_losses_are_never_negative_and_can_be_followed_downhill(name, seed):
    generator = torch.Generator().manual_seed(seed)
    student = torch.randn(6, 2, generator=generator, requires_grad=True)
    teacher = torch.randn(6, 2, generator=generator)
    loss = LOSSES[name](lesson(student, teacher))
    loss.backward()
    assert float(loss.detach()) >= -1e-6
    assert torch.isfinite(student.grad).all()
    down = (student - 0.01 * student.grad / (student.grad.norm() + 1e-9)).detach()
    assert float(LOSSES[name](lesson(down, teacher))) <= float(loss.detach()) + 1e-5


def test_the_label_loss_knows_right_from_wrong():
    logits = torch.tensor([[9.0, -9.0]])
    right = LOSSES["labels"](lesson(logits, logits, torch.tensor([0])))
    wrong = LOSSES["labels"](lesson(logits, logits, torch.tensor([1])))
    assert float(right) < 1e-6 < 10 < float(wrong)


def test_shifting_all_logits_changes_no_probability():
    student, teacher = torch.randn(3, 2), torch.randn(3, 2)
    first = LOSSES["logits"](lesson(student, teacher))
    assert torch.allclose(first, LOSSES["logits"](lesson(student + 5, teacher - 7)), atol=1e-5)
