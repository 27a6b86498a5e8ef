import numpy as np
import pytest
import torch
from torch import nn

from edgekit.dataset import open_dataset
from edgekit.decision import scores
from edgekit.detectors.detector import Detector
from edgekit.detectors.headed import Headed
from edgekit.detectors.score import score
from edgekit.distillation.distill import distill
from edgekit.distillation.settings import DistillSettings
from edgekit.errors import EdgekitError, InputError
from edgekit.metrics import plain
from edgekit.signature import Preprocessing, image_input

SETTINGS = DistillSettings(epochs=10, batch_size=8, learning_rate=5e-3)


class Small(nn.Module):
    """Two convolutions: enough to tell sharp from blurred."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 16, 3, 2)

    def forward(self, image):
        seen = torch.relu(self.norm(self.first(image)))
        return torch.relu(self.second(seen)).mean((2, 3))


def small(signature, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Detector(Headed(Small(), nn.Linear(16, 2)).eval(), signature, {})


@pytest.fixture(scope="module")
def validation(write_dataset, tmp_path_factory, signature):
    folder = write_dataset(tmp_path_factory.mktemp("validation") / "crops", seed=5)
    return open_dataset(folder, signature)


@pytest.fixture(scope="module")
def taught(student, signature, data, validation):
    told = []
    trained = distill(
        student, small(signature), data, validation, SETTINGS, lambda *step: told.append(step)
    )
    return trained, told


def area(detector, data):
    values = scores(score(detector, data), detector.signature)
    return plain("auc", values, data.positives, 0.5)


def weights(detector):
    return torch.cat([value.flatten().double() for value in detector.model.state_dict().values()])


def test_the_student_learns(taught, data, validation):
    trained, _ = taught
    assert area(trained, validation) > 0.8
    assert area(trained, data) > 0.7
    assert not trained.model.training


def test_the_threshold_is_the_validation_sets(taught, validation):
    trained, _ = taught
    values = scores(score(trained, validation), trained.signature)
    called = values >= trained.signature.threshold
    assert (called == validation.positives).mean() > 0.75


def test_progress_is_told(taught):
    _, told = taught
    assert told == [(step + 1, 20) for step in range(20)]


def test_the_same_seed_gives_the_same_student(taught, student, signature, data, validation):
    trained, _ = taught
    torch.manual_seed(99)  # what else goes on in the process does not matter
    again = distill(student, small(signature), data, validation, SETTINGS)
    assert torch.equal(weights(again), weights(trained))
    assert again.signature == trained.signature
    other = SETTINGS.model_copy(update={"seed": 1})
    different = distill(student, small(signature), data, validation, other)
    assert not torch.equal(weights(different), weights(trained))


def test_neither_model_nor_the_processs_chance_is_changed(student, signature, data, validation):
    pupil = small(signature)
    before, teacher, chance = weights(pupil), weights(student), torch.get_rng_state()
    distill(student, pupil, data, validation, SETTINGS.model_copy(update={"epochs": 1}))
    assert torch.equal(weights(pupil), before)
    assert torch.equal(weights(student), teacher)
    assert torch.equal(torch.get_rng_state(), chance)


def test_teacher_and_student_may_see_different_sizes(student, signature, data, validation):
    rule = Preprocessing(size=(32, 32))
    tiny = signature.model_copy(update={"inputs": (image_input(rule),)})
    views = [open_dataset(part.folder, tiny) for part in (data, validation)]
    once = SETTINGS.model_copy(update={"epochs": 1})
    first = distill(student, small(tiny), *views, once)
    second = distill(student, small(tiny), data, validation, once)
    assert first.signature.inputs == tiny.inputs
    assert torch.equal(weights(first), weights(second))


def test_a_rate_that_is_too_high_is_one_clear_error(student, signature, data, validation):
    wild = SETTINGS.model_copy(update={"learning_rate": 1e38, "augment": ()})
    with pytest.raises(EdgekitError, match="training diverged"):
        distill(student, small(signature), data, validation, wild)


def test_the_feature_loss_is_refused_without_embeddings(student, signature, data, validation):
    plain = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 2))
    with pytest.raises(InputError, match="feature loss needs"):
        distill(student, Detector(plain, signature, {}), data, validation, SETTINGS)


@pytest.mark.parametrize("name", ["logits", "features", "labels"])
def test_each_loss_alone_teaches_something(name, student, signature, data, validation):
    alone = SETTINGS.model_copy(update={"losses": {name: 1.0}, "epochs": 2})
    pupil = small(signature)
    trained = distill(student, pupil, data, validation, alone)
    assert not torch.equal(weights(trained), weights(pupil))
    assert np.isfinite(score(trained, validation)).all()
