import numpy as np
import pytest
import torch

from edgekit.calibration.observe import observe
from edgekit.dataset import open_dataset
from edgekit.detectors.detector import Detector
from edgekit.signature import Input, Signature


def _detector(model, *shapes):
    """Make a Detector of any module, with inputs that are plain arrays."""
    inputs = tuple(
        Input(name=f"in{index}", shape=shape, layout="ANY") for index, shape in enumerate(shapes)
    )
    signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
    return Detector(model.eval(), signature, {})


@pytest.fixture(scope="session")
def detector_of():
    return _detector


@pytest.fixture
def observed(tmp_path):
    """Calibrate a Program of one plain input on rows of numbers."""

    def run(detector, program, samples):
        for index, sample in enumerate(samples):
            folder = tmp_path / "rows" / ("a" if index % 2 else "b")
            folder.mkdir(parents=True, exist_ok=True)
            np.save(folder / f"{index:03d}.npy", sample.numpy())
        return observe(program, open_dataset(tmp_path / "rows", detector.signature))

    return run


@pytest.fixture(scope="session")
def run_program():
    """Run a Program on tensors."""
    modules = {}

    def run(program, *tensors):
        _, module = modules.get(id(program)) or modules.setdefault(
            id(program), (program, program.module(check_guards=False))
        )
        with torch.inference_mode():
            return module(*tensors)

    return run
