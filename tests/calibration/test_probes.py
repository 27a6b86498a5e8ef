import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.probes import POSITIONS, UNLIMITED, Probe, plan

shapes = st.lists(st.integers(1, 60), min_size=1, max_size=4).map(tuple)


def planned(model, *shape):
    program = torch.export.export(model.eval(), (torch.zeros(shape),))
    graph = program.module(check_guards=False).graph
    return {probe.name: probe for probe in plan(graph)}


@given(shapes)
def test_positions_are_few_and_reach_to_the_end(shape):
    probe = Probe("a", shape, None, "a")
    size = math.prod(shape)
    assert 0 < probe.positions <= POSITIONS
    assert (probe.positions - 1) * probe.stride < size <= probe.positions * probe.stride


@given(st.integers(33, 90), st.integers(33, 90))
def test_every_row_and_column_of_a_large_tensor_is_met(rows, columns):
    probe = Probe("a", (1, rows, columns), None, "a")
    places = torch.arange(probe.positions) * probe.stride
    assert len(torch.unique(places // columns)) == rows
    assert len(torch.unique(places % columns)) == columns


class Reshapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.head = nn.Linear(4, 2)

    def forward(self, image):
        clipped = nn.functional.relu6(self.conv(image))
        rows = clipped.flatten(2).transpose(1, 2)
        return self.head(nn.functional.dropout(rows, training=False)).mean(1)


def test_reshaped_and_clamped_tensors_share_a_histogram():
    probes = planned(Reshapes(), 1, 3, 5, 5)
    source = probes["conv2d"]
    assert source.counted
    for name in ("relu6", "flatten", "transpose", "dropout"):
        assert (probes[name].source, probes[name].limits) == ("conv2d", (0.0, 6.0)), name
    assert probes["linear"].counted
    assert probes["linear"].limits == UNLIMITED


def test_channels_lie_where_the_operator_has_them():
    probes = planned(Reshapes(), 1, 3, 5, 5)
    axes = {name: probe.axis for name, probe in probes.items()}
    assert (axes["image"], axes["conv2d"]) == (1, 1)
    assert (axes["dropout"], axes["linear"]) == (2, 2)
    assert axes["flatten"] is None


def test_in_place_operators_leave_their_input_its_own_range():
    class Overwrites(nn.Module):
        def forward(self, image):
            doubled = image * 2
            doubled.relu_()
            return doubled.flatten(1)

    probes = planned(Overwrites(), 1, 3, 2, 2)
    assert probes["mul"].counted
    assert (probes["flatten"].source, probes["flatten"].limits) == ("mul", (0.0, math.inf))


@pytest.mark.parametrize(
    ("clamp", "limits"),
    [
        (lambda x: x.clamp(min=-1), (-1.0, math.inf)),
        (lambda x: x.clamp(-2, 3), (-2.0, 3.0)),
        (nn.functional.hardtanh, (-1.0, 1.0)),
        (lambda x: x.relu().clamp(-1, 6), (0.0, 6.0)),
        (lambda x: x.clamp(-3, -1).relu(), (0.0, 0.0)),
    ],
)
def test_clamps_compose(clamp, limits):
    class Clamps(nn.Module):
        def forward(self, row):
            return clamp(row)

    assert list(planned(Clamps(), 1, 4).values())[-1].limits == limits
