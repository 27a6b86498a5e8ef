import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from edgekit.calibration.observe import observe
from edgekit.calibration.probes import POSITIONS
from edgekit.calibration.program import float_program
from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors.detector import Detector
from edgekit.errors import InputError


class Spread(nn.Module):
    """Two logits of an image: its mean and its mean square."""

    def forward(self, image):
        flat = image.flatten(1)
        return torch.stack([flat.mean(1), (flat * flat).mean(1)], dim=1)


@pytest.fixture(scope="module")
def spread(signature):
    return float_program(Detector(Spread().eval(), signature, {}))


def test_every_tensor_has_a_histogram(program, ranges, data):
    assert ranges.samples == len(data)
    assert ranges.data_sha256 == data.sha256
    assert "image" in ranges.histograms
    for name, histogram in ranges.histograms.items():
        assert 0 < histogram.counts.sum() <= len(data) * POSITIONS, name


def test_the_order_of_samples_changes_nothing(program, ranges, data, tmp_path):
    backwards = Dataset(data.folder, data.signature, data.samples[::-1])
    ranges.save(tmp_path / "first.npz")
    observe(program, backwards).save(tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_the_callers_threads_are_given_back(spread, data):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        observe(spread, data)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_one_sample_is_enough_to_calibrate(program, data):
    alone = observe(program, Dataset(data.folder, data.signature, data.samples[:1]))
    assert alone.samples == 1
    assert all(np.isfinite([item.low, item.high]).all() for item in alone.histograms.values())


def test_progress_is_told(spread, data):
    told = []
    observe(spread, data, lambda done, total: told.append((done, total)))
    assert told == [(index + 1, len(data)) for index in range(len(data))]


def test_nan_weights_name_the_layer_and_the_sample(signature, data):
    class Bad(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 2)
            nn.init.constant_(self.head.bias, float("nan"))

        def forward(self, image):
            return self.head(image.mean((2, 3)))

    with pytest.raises(InputError, match=r"'linear' \(layer head\) is NaN .* sharp/000\.png"):
        observe(float_program(Detector(Bad().eval(), signature, {})), data)


@pytest.mark.parametrize("colours", [[0], [255], [0, 128, 255]])
def test_images_of_one_colour_are_refused(spread, tmp_path, signature, colours):
    for name in signature.classes:
        (tmp_path / name).mkdir()
        for index, colour in enumerate(colours):
            Image.new("RGB", (70, 70), (colour,) * 3).save(tmp_path / name / f"{index}.png")
    with pytest.raises(InputError, match=r"input 'image' shows nothing in all"):
        observe(spread, open_dataset(tmp_path, signature))


def test_arrays_of_one_value_are_refused_and_others_are_not(detector_of, tmp_path):
    detector = detector_of(nn.Linear(1, 2), (1, 1))
    program = float_program(detector)
    for value, name in ((1.0, "a"), (1.0, "b")):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "0.npy", np.array([value], dtype=np.float32))
    with pytest.raises(InputError, match="shows nothing"):
        observe(program, open_dataset(tmp_path, detector.signature))
    np.save(tmp_path / "b" / "0.npy", np.array([2.0], dtype=np.float32))
    assert observe(program, open_dataset(tmp_path, detector.signature)).samples == 2


def test_a_nan_sample_is_refused_by_name(detector_of, tmp_path):
    detector = detector_of(nn.Linear(2, 2), (1, 2))
    for name, value in (("a", 1.0), ("b", np.nan)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "0.npy", np.array([value, 2.0], dtype=np.float32))
    with pytest.raises(InputError, match=r"b.0\.npy holds NaN"):
        observe(float_program(detector), open_dataset(tmp_path, detector.signature))


def test_an_infinite_activation_names_the_layer_and_the_sample(detector_of, observed):
    class Explodes(nn.Module):
        def forward(self, row):
            return torch.exp(row)

    detector = detector_of(Explodes(), (1, 2))
    with pytest.raises(InputError, match=r"'exp' is NaN or infinite .* a/001\.npy"):
        observed(detector, float_program(detector), torch.tensor([[1.0, 2.0], [3.0, 1000.0]]))


def test_an_array_of_the_wrong_size_names_file_and_both_shapes(detector_of, tmp_path):
    detector = detector_of(nn.Linear(2, 2), (1, 2))
    for name, size in (("a", 2), ("b", 3)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "0.npy", np.arange(size, dtype=np.float32))
    with pytest.raises(InputError, match=r"b.0\.npy has shape \(3,\), .* wants \(1, 2\)"):
        observe(float_program(detector), open_dataset(tmp_path, detector.signature))
