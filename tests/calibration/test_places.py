"""Where in the student something happened, in one line."""

import pytest
import torch
from torch import nn

from edgekit.calibration.places import failed_place, place
from edgekit.calibration.program import float_program
from edgekit.errors import InputError


class Warp(nn.Module):
    """Three operators, one of them of no layer."""

    def forward(self, image):
        grid = nn.functional.affine_grid(image.new_ones(1, 2, 3), image.shape)
        return nn.functional.grid_sample(image, grid + image.mean())


class Jumps(nn.Module):
    """Does something else where the image is bright."""

    def forward(self, image):
        if image.mean() > 0:
            return image
        return image * 2


def network(part):
    neck = nn.Sequential()
    neck.add_module("warp", part)
    model = nn.Sequential(nn.Conv2d(3, 4, 1))
    model.add_module("neck", neck)
    return model.eval()


def test_an_operator_is_named_with_its_module(detector_of):
    program = float_program(detector_of(network(Warp()), (1, 3, 8, 8)))
    assert "grid_sampler in neck.warp" in {
        place(node) for node in program.graph.nodes if node.op == "call_function"
    }


def test_control_flow_that_hangs_on_values_is_named_with_its_line(detector_of):
    with pytest.raises(InputError) as caught:
        float_program(detector_of(network(Jumps()), (1, 3, 8, 8)))
    assert "in neck.warp (test_places.py, line " in caught.value.what
    assert "if image.mean() > 0:" in caught.value.what
    assert "\n" not in str(caught.value)


def test_a_fault_outside_of_the_model_has_no_place():
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018
    assert failed_place(caught.value, network(Jumps())) == ""


def test_a_copy_into_rows_stays_where_numbers_are_read_as_complex(detector_of):
    class Rotary(nn.Module):
        def forward(self, image):
            pairs = image.flatten(2).transpose(1, 2).reshape(1, -1, 2, 2).contiguous()
            turned = torch.view_as_complex(pairs) * torch.polar(torch.ones(16, 2), torch.ones(2))
            return torch.view_as_real(turned).flatten(2).mean(1)

    image, model = torch.randn(1, 4, 4, 4), Rotary().eval()
    program = float_program(detector_of(model, (1, 4, 4, 4)))
    torch.testing.assert_close(program.module(check_guards=False)(image), model(image))
