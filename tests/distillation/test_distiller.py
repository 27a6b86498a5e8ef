import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.decision import scores
from edgekit.detectors.detector import Detector
from edgekit.distillation.distiller import as_logits, by_class, distiller_of
from edgekit.errors import InputError


@given(st.floats(-50, 50), st.integers(0, 1))
def test_a_lone_logit_keeps_its_probability(logit, positive):
    alone = torch.tensor([[logit]], dtype=torch.float64)
    beside = torch.softmax(by_class(alone, positive), dim=1)
    assert float(beside[0, positive]) == pytest.approx(float(torch.sigmoid(alone)), abs=1e-9)


def test_logits_by_class_stay_as_they_are():
    logits = torch.randn(3, 2)
    assert by_class(logits, 1) is logits


class Lone(torch.nn.Module):
    """A detector with one logit, that of the positive class."""

    def __init__(self, whole):
        super().__init__()
        self.whole = whole

    def forward(self, image):
        logits = self.whole(image)
        return logits[:, 1:] - logits[:, :1]


def test_a_teacher_with_one_logit_teaches_the_same_as_with_two(student, data):
    lone = Detector(Lone(student.model), student.signature, {})
    indices, (images,) = next(data.batches(4, [0, 1, 8, 9]))
    batch = (torch.from_numpy(data.labels[indices]), (torch.from_numpy(images),) * 1)
    both = []
    for teacher in (student, lone):
        distiller = distiller_of(teacher, student, features=False)
        distiller.student.eval()
        both.append(distiller.loss((*batch, batch[1]), {"logits": 1.0}).item())
    assert both == pytest.approx([0.0, 0.0], abs=1e-5)
    assert scores(lone.logits((images,)), lone.signature) == pytest.approx(
        scores(student.logits((images,)), student.signature), abs=1e-5
    )


def test_the_feature_loss_needs_models_that_show_their_embedding(student):
    hidden = Detector(Lone(student.model), student.signature, {})
    for teacher, pupil in ((hidden, student), (student, hidden)):
        with pytest.raises(InputError, match="feature loss needs"):
            distiller_of(teacher, pupil, features=True)
    student.model.eval()


def test_weights_add_up(student, data):
    indices, (images,) = next(data.batches(4, [0, 1, 8, 9]))
    seen = (torch.from_numpy(images),)
    batch = (torch.from_numpy(data.labels[indices]), seen, seen)
    distiller = distiller_of(student, student, features=True)
    distiller.student.eval()
    torch.manual_seed(0)
    parts = [distiller.loss(batch, {name: 1.0}).item() for name in ("labels", "features")]
    whole = distiller.loss(batch, {"labels": 2.0, "features": 0.5}).item()
    assert whole == pytest.approx(2 * parts[0] + 0.5 * parts[1], rel=1e-4)
    student.model.eval()


def test_a_teacher_of_probabilities_teaches_what_its_logits_would():
    logits = 4 * torch.randn(9, 3)
    shares = torch.softmax(logits, dim=1)
    found = torch.softmax(as_logits(shares, "probabilities"), dim=1)
    assert torch.allclose(found, shares, atol=1e-5)
    assert as_logits(logits, "logits") is logits


@pytest.mark.parametrize("positive", [0, 1])
def test_a_teachers_score_is_the_positive_classs_probability(positive):
    score = torch.rand(9, 1)
    both = torch.softmax(by_class(as_logits(score, "score"), positive), dim=1)
    assert torch.allclose(both[:, positive : positive + 1], score, atol=1e-5)
