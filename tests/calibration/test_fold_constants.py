"""What a graph computes from constants alone is computed once."""

import pytest
import timm
import torch
from torch import nn
from torch.nn import functional

from edgekit.calibration.fold_constants import LARGEST, fold_constants
from edgekit.calibration.layers import layer_name
from edgekit.calibration.operators import weight_axis
from edgekit.calibration.program import float_program, relift, unlift

aten = torch.ops.aten


class Of(nn.Module):
    """A function of an image [1, 4, 6, 6] and some stored tensors."""

    def __init__(self, function):
        super().__init__()
        torch.manual_seed(0)
        self.function = function
        self.position = nn.Parameter(torch.randn(1, 4, 3, 3))
        self.table = nn.Parameter(torch.randn(25, 4))
        self.register_buffer("index", torch.randint(25, (36,)))
        self.register_buffer("steps", torch.zeros(1))
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, image):
        return self.function(self, image)


def folded(function):
    """Fold; the function must stay the same. Return the count and the targets that are left."""
    model, image = Of(function).eval(), torch.randn(1, 4, 6, 6)
    graph = unlift(torch.export.export(model, (image,)))
    count = fold_constants(graph)
    again = relift(graph, (image,)).module(check_guards=False)
    with torch.no_grad():
        for sample in (image, torch.randn_like(image)):
            torch.testing.assert_close(again(sample), model(sample), rtol=0, atol=1e-6)
    calls = [node.target for node in graph.graph.nodes if node.op == "call_function"]
    return count, calls


def resized(self, image):
    return image + functional.interpolate(self.position, (6, 6), mode="bicubic", antialias=True)


def sin_cos(self, image):
    rows, columns = torch.meshgrid(torch.arange(6.0), torch.linspace(0, 1, 6), indexing="ij")
    frequencies = 10000 ** (-torch.arange(0, 4, 2) / 4)
    angles = (rows + columns)[None, :, :] * frequencies[:, None, None]
    return image + torch.cat([angles.sin(), angles.cos()])[None]


def bias_table(self, image):
    return image + self.table[self.index].reshape(6, 6, 4).permute(2, 0, 1)[None]


def masked(self, image):
    mask = torch.zeros(1, 1, 6, 6)
    mask[:, :, :3] = 1
    return image * mask


def standardized(self, image):
    weight = (self.conv.weight - self.conv.weight.mean()) / self.conv.weight.std()
    return functional.conv2d(image, weight, self.conv.bias)


FOLDED = {
    "resized positional embedding": (resized, [aten.add.Tensor]),
    "sines and cosines": (sin_cos, [aten.add.Tensor]),
    "relative position bias": (bias_table, [aten.add.Tensor]),
    "a mask that is written into": (masked, [aten.mul.Tensor]),
    "a standardized weight": (standardized, [aten.conv2d.default]),
}


@pytest.mark.parametrize("name", FOLDED)
def test_what_depends_on_no_input_is_folded(name):
    function, left = FOLDED[name]
    assert folded(function) == (1, left)


def test_a_constant_is_read_as_it_was_at_that_place():
    def function(self, image):
        mask = torch.zeros(6)
        first = image + mask
        mask[:3] = 1
        return first * mask

    assert folded(function) == (2, [aten.add.Tensor, aten.mul.Tensor])


def test_what_the_image_writes_into_is_no_constant():
    def function(self, image):
        canvas = torch.zeros(1, 4, 8, 8)
        canvas[:, :, 1:7, 1:7] = image
        return canvas * 2

    _, left = folded(function)
    assert aten.copy_.default in left


def test_an_activation_in_place_keeps_no_weight_from_being_folded():
    def function(self, image):
        seen = functional.conv2d(image, self.conv.weight * 2)
        return functional.conv2d(functional.relu(seen, inplace=True), self.conv.weight * 3)

    count, left = folded(function)
    assert count == 2
    assert aten.mul.Tensor not in left


def test_what_would_make_the_file_large_is_computed_by_the_device():
    side = int((LARGEST / 4) ** 0.5) + 8

    def function(self, image):
        row = self.position.flatten()[:6] * 2
        return image + row + row[:1].expand(side, side).contiguous()[:1, :6]

    _, left = folded(function)
    assert aten.expand.default in left


def test_random_numbers_are_drawn_anew():
    graph = unlift(torch.export.export(Of(lambda self, x: x + torch.rand(6)), (torch.ones(6),)))
    assert fold_constants(graph) == 0


def test_a_normalized_weight_is_called_as_its_layer(detector_of):
    conv = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 1))
    model = nn.Sequential(conv, nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 2))
    program = float_program(detector_of(model, (1, 3, 4, 4)))
    layers = [layer_name(node) for node in unlift(program).graph.nodes if weight_axis(node) == 0]
    assert layers == ["0", "3"]
    assert not [node for node in program.graph.nodes if node.target == aten.batch_norm.default]


@pytest.mark.parametrize("name", ["test_vit", "test_vit4"])
def test_a_vision_transformer_for_other_image_sizes_resizes_nothing(name, detector_of):
    model = timm.create_model(name, dynamic_img_size=True, num_classes=2)
    program = float_program(detector_of(model, (1, 3, 96, 96)))
    used = {str(node.target) for node in program.graph.nodes}
    assert not [target for target in used if "upsample" in target or "arange" in target]
