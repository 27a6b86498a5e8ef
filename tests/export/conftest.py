import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from torch import nn

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.exporters.student import Student
from edgekit.signature import Input, Preprocessing, Signature, image_input


def _student_of(detector, data):
    program = float_program(detector)
    return Student(detector, "0" * 64, program, observe(program, data), data)


@pytest.fixture(scope="session")
def student_of():
    """Bring together what bundles of a Detector need."""
    return _student_of


class Two(nn.Module):
    """A photograph and five figures about it; the arguments' names are not the Signature's."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.figures, self.head = nn.Linear(5, 8), nn.Linear(8, 2)

    def forward(self, x, y):
        return self.head(torch.relu(self.conv(x)).mean((2, 3)) + 3 * self.figures(y))


@pytest.fixture(scope="session")
def two_inputs(tmp_path_factory):
    """A student with two inputs, named against the alphabet."""
    folder, random = tmp_path_factory.mktemp("two"), np.random.default_rng(0)
    photograph = Image.fromarray(skimage.data.astronaut())
    for name in ("a", "b"):
        (folder / name).mkdir()
        for index in range(4):
            crop = photograph.crop((40 * index, 100, 40 * index + 32, 132))
            crop.save(folder / name / f"{index}.photo.png")
            np.save(folder / name / f"{index}.figures.npy", random.normal(size=5))
    inputs = (
        image_input(Preprocessing(size=(32, 32)), "photo"),
        Input(name="figures", shape=(1, 5), layout="ANY"),
    )
    signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
    torch.manual_seed(0)
    return _student_of(Detector(Two().eval(), signature, {}), open_dataset(folder, signature))


@pytest.fixture
def student_on_noise(tmp_path):
    """Make a student of any module, calibrated on arrays of noise."""

    def make(model, *shape):
        torch.manual_seed(0)
        for index in range(16):
            path = tmp_path / "noise" / "ab"[index % 2] / f"{index}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, torch.randn(shape).numpy())
        inputs = (Input(name="given", shape=shape, layout="ANY"),)
        signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
        detector = Detector(model().eval(), signature, {})
        return _student_of(detector, open_dataset(tmp_path / "noise", signature))

    return make
