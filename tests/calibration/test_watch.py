"""What probes note, against an interpreter that looks at every value."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.fx import Interpreter

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program, unlift
from edgekit.dataset import open_dataset


class Truth(Interpreter):
    def __init__(self, program):
        super().__init__(unlift(program))
        self.seen = {}

    def run_node(self, n):
        result = super().run_node(n)
        if n.op in ("placeholder", "call_function") and isinstance(result, torch.Tensor):
            self.seen.setdefault(n.name, []).append(result.clone())
        return result


def watched(program, data):
    truth = Truth(program)
    with torch.inference_mode():
        for sample in data.samples:
            truth.run(*(torch.from_numpy(array) for array in data.read(sample)))
    return {name: torch.cat(parts) for name, parts in truth.seen.items()}


@pytest.fixture(scope="module")
def truth(program, data):
    return watched(program, data)


def test_extremes_are_those_of_all_values(truth, ranges):
    assert set(ranges.histograms) == set(truth)
    for name, values in truth.items():
        seen = ranges.histograms[name]
        assert (seen.low, seen.high) == pytest.approx(
            (values.min().item(), values.max().item()), rel=1e-5, abs=1e-6
        ), name


def test_channels_are_those_of_all_values(truth, ranges):
    assert {"image", "conv2d", "linear"} <= set(ranges.channels)
    for name, found in ranges.channels.items():
        axis = 1 if name.startswith(("image", "conv")) or truth[name].ndim > 2 else -1
        rows = truth[name].movedim(axis, 0).flatten(1)
        assert found.low.dtype == found.mean.dtype == np.float32
        for mine, theirs in ((found.low, rows.amin(1)), (found.high, rows.amax(1))):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(found.mean, rows.mean(1), rtol=1e-4, atol=1e-5, err_msg=name)


def test_counts_stand_for_all_values(truth, ranges):
    for name, values in truth.items():
        seen = ranges.histograms[name]
        if values.numel() < 20_000:
            continue
        edges = seen.edges()
        centre = ((edges[:-1] + edges[1:]) / 2 @ seen.counts) / seen.counts.sum()
        assert abs(centre - values.mean().item()) < 0.1 * values.std().item() + 1e-6, name


def test_small_tensors_are_counted_whole(ranges, data):
    assert ranges.histograms["linear"].counts.sum() == 2 * len(data)


def test_parts_of_a_tensor_have_ranges_of_their_own(detector_of, tmp_path):
    class Split(nn.Module):
        def forward(self, row):
            first, second = row.view(2, 3).t().unbind(1)
            return torch.stack([first.sum(), second.sum()])[None]

    detector = detector_of(Split(), (1, 6))
    for index, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "0.npy", np.arange(6, dtype=np.float32) + index)
    ranges = observe(float_program(detector), open_dataset(tmp_path, detector.signature))
    parts = [name for name in ranges.histograms if name.startswith("getitem")]
    assert len(parts) == 2
    seen = [(ranges.histograms[name].low, ranges.histograms[name].high) for name in parts]
    assert seen == [(0.0, 3.0), (3.0, 6.0)]


def test_a_network_without_linear_or_convolution_needs_no_channels(detector_of, observed):
    class Square(nn.Module):
        def forward(self, row):
            return row * row

    detector = detector_of(Square(), (1, 2))
    ranges = observed(detector, float_program(detector), torch.tensor([[1.0, 2.0], [3.0, -4.0]]))
    assert ranges.channels == {}
    assert (ranges.histograms["mul"].low, ranges.histograms["mul"].high) == (1.0, 16.0)
