"""A converter's refusal names the operator and the module, in one line."""

import pytest
import torch
from torch import nn

from edgekit.calibration.program import unlift
from edgekit.errors import EdgekitError
from edgekit.exporters.bundle import build_artifact
from edgekit.exporters.recipe import default_recipe
from edgekit.exporters.refusal import alone, refused_operator
from edgekit.target import target_named


@torch.library.custom_op("edgekit_tests::turned", mutates_args=())
def turned(image: torch.Tensor) -> torch.Tensor:
    return image.flip(2).clone()


@turned.register_fake
def _(image: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(image)


class Turns(nn.Module):
    def forward(self, image):
        return turned(image)


class Net(nn.Module):
    """Everyday operators around one that is nobody's."""

    def __init__(self):
        super().__init__()
        self.stem, self.neck, self.head = nn.Conv2d(3, 4, 1), nn.Sequential(), nn.Linear(4, 2)
        self.neck.add_module("turn", Turns())

    def forward(self, image):
        return self.head(torch.tanh(self.neck(self.stem(image))).mean((2, 3)))


@pytest.mark.parametrize("name", ["x86", "android", "iphone", "jetson"])
def test_the_operator_and_its_module_are_named(student_on_noise, tmp_path, name):
    student, target = student_on_noise(Net, 1, 3, 8, 8), target_named(name)
    with pytest.raises(EdgekitError) as caught:
        build_artifact(student.program, target, default_recipe(target, "fp32"), tmp_path)
    said = str(caught.value)
    assert f"of target {name} refuses edgekit_tests::turned in neck.turn in fp32: " in said
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) < 400


def test_where_the_converter_names_nothing_each_operator_is_tried(student_on_noise):
    student, target = student_on_noise(Net, 1, 3, 8, 8), target_named("iphone")
    recipe = default_recipe(target, "fp32")
    node = refused_operator("it does not work", student.program, target, recipe)
    assert node is not None
    assert str(node.target) == "edgekit_tests.turned.default"


def test_an_operator_alone_computes_what_it_does_in_the_program(student_on_noise):
    graph = unlift(student_on_noise(Net, 1, 3, 8, 8).program)
    (node,) = graph.graph.find_nodes(op="call_function", target=torch.ops.aten.conv2d.default)
    image = torch.randn(1, 3, 8, 8)
    got = alone(graph, node).module(check_guards=False)(image)[0]
    convolution = nn.functional.conv2d(image, graph.stem.weight, graph.stem.bias)
    torch.testing.assert_close(got, convolution[0] if got.dim() == 3 else convolution)
