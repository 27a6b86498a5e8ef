from typing import get_args

import pytest
import torch
from torch import nn

from edgekit.calibration.operators import Group, group_of, weight_axis

MODULES = {
    "convolution": nn.Conv2d(3, 3, 1),
    "linear": nn.Linear(8, 2),
    "pool": nn.AdaptiveAvgPool2d(1),
    "move": nn.Flatten(),
    "relu": nn.ReLU(inplace=True),
    "clip": nn.ReLU6(),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_found_in_their_group(name):
    program = torch.export.export(MODULES[name], (torch.zeros(1, 3, 8, 8),))
    (node,) = [node for node in program.graph.nodes if node.op == "call_function"]
    assert group_of(node) == name
    assert name in get_args(Group)
    assert weight_axis(node) == (0 if name in ("convolution", "linear") else None)


def test_what_no_scheme_quantizes_has_no_group():
    program = torch.export.export(nn.Softmax(1), (torch.zeros(1, 3),))
    (node,) = [node for node in program.graph.nodes if node.op == "call_function"]
    assert group_of(node) is None
    assert weight_axis(node) is None
