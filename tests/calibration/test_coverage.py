import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.channels import Channels
from edgekit.calibration.coverage import coverage, last_quarter
from edgekit.calibration.histogram import Histogram
from edgekit.calibration.program import float_program
from edgekit.calibration.ranges import Ranges


def ranges_of(early, samples=8, **bounds):
    histograms = {
        name: Histogram(low=float(low), high=float(high)) for name, (low, high) in bounds.items()
    }
    return Ranges(histograms, samples, "ab", {}, early)


@given(st.sets(st.text(max_size=6), max_size=40), st.randoms(use_true_random=False))
def test_a_quarter_is_late_whatever_the_order(names, random):
    shuffled = sorted(names)
    random.shuffle(shuffled)
    late = last_quarter(shuffled)
    assert len(late) == len(names) // 4
    assert late == last_quarter(names)


def test_growth_is_a_share_of_the_range_before():
    found = coverage(ranges_of({"a": (0, 2), "b": (-1, 1)}, a=(0, 3), b=(-1, 1)))
    assert found.worst == (("a", 0.5),)
    assert (found.grew, found.tensors) == (1, 2)
    assert "1 of 2 tensors still grew by more than 1%" in found.notes[0]
    assert "use more images" in found.notes[0]


def test_settled_ranges_need_no_more_images():
    found = coverage(ranges_of({"a": (0, 2)}, a=(0, 2.01)))
    assert found.grew == 0
    assert "settled" in found.notes[0]


def test_growth_from_nothing_can_be_written_as_json():
    found = coverage(ranges_of({"a": (1, 1)}, a=(0, 3)))
    assert found.to_json()["worst"] == [{"tensor": "a", "growth": None}]


@pytest.mark.parametrize(("samples", "said"), [(1, "one sample"), (3, "too few")])
def test_few_samples_are_called_few(samples, said):
    assert said in coverage(ranges_of({"a": (0, 2)}, samples, a=(0, 2))).notes[0]


def test_constant_tensors_and_empty_channels_are_named():
    ranges = ranges_of({"a": (2, 2), "b": (0, 1)}, a=(2, 2), b=(0, 1))
    zeros = np.zeros(3, dtype=np.float32)
    ranges.channels["b"] = Channels(zeros, np.array([0, 0, 1], np.float32), zeros)
    found = coverage(ranges)
    assert found.constant == ("a",)
    assert found.empty_channels == {"b": 2}
    assert "a never changes" in found.notes[1]
    assert "2 channels are always 0, in b" in found.notes[2]


class Dead(nn.Module):
    """A linear layer with a row of zeros, and another that nothing can pass."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 3), nn.Linear(3, 2)
        nn.init.ones_(self.first.weight)
        nn.init.zeros_(self.first.bias)
        nn.init.zeros_(self.first.weight[0].data)

    def forward(self, row):
        return self.second(torch.relu(self.first(row)) * 0)


def test_a_network_with_dead_parts_is_calibrated_and_reported(detector_of, observed):
    detector = detector_of(Dead(), (1, 2))
    found = coverage(observed(detector, float_program(detector), torch.tensor([[1.0, 2], [3, 4]])))
    assert found.empty_channels["linear"] == 1
    assert "mul" in found.constant
