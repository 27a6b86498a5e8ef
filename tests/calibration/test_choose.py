import pytest
import torch
from torch import nn

from edgekit.calibration.choose import choose
from edgekit.calibration.program import unlift
from edgekit.calibration.scheme import SCHEMES

aten = torch.ops.aten
ORT, TFLITE = SCHEMES["onnxruntime"], SCHEMES["tflite"]


def conv(inputs=4, outputs=4):
    return nn.Conv2d(inputs, outputs, 1)


class Of(nn.Module):
    """A function of an image and some layers."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.first, self.second, self.head = conv(), conv(), conv()
        self.wide, self.narrow = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, image):
        return self.function(self, image)


def chosen(function, scheme, floats=()):
    """Return the names of what is chosen, rewritten, and comes as integers."""
    graph = unlift(torch.export.export(Of(function).eval(), (torch.zeros(1, 4, 4, 4),)))
    found = choose(graph, scheme, floats)
    sets = found.nodes, found.functions, found.integers
    return tuple({node.name for node in nodes} for nodes in sets)


def block(self, image):
    seen = self.first(image)
    return self.head(torch.nn.functional.hardswish(seen) + self.second(seen))


@pytest.mark.parametrize("name", SCHEMES)
def test_convolutions_are_chosen_but_for_the_last(name):
    nodes, _, integers = chosen(lambda self, image: self.head(self.first(image)), SCHEMES[name])
    assert nodes == {"conv2d"}
    assert integers == {"conv2d"}


def test_heavy_operators_are_chosen_only_where_the_scheme_names_them():
    def function(self, image):
        return self.head(torch.matmul(self.first(image), self.second(image)))

    assert "matmul" in chosen(function, SCHEMES["tensorrt"])[0]
    for other in (ORT, TFLITE, SCHEMES["coreml"]):
        assert "matmul" not in chosen(function, other)[0]


def test_a_linear_gives_integers_where_an_activation_function_is_fused_behind_it():
    def function(self, image):
        return self.head(self.wide(image) + torch.relu(self.narrow(image)))

    nodes, _, integers = chosen(function, ORT)
    assert nodes == {"linear", "linear_1"}
    assert integers == {"linear_1", "relu"}


def test_a_sum_of_integers_follows_and_an_activation_is_rewritten():
    nodes, activations, integers = chosen(block, TFLITE)
    assert nodes == {"conv2d", "conv2d_1", "add"}
    assert activations == {"hardswish"}
    assert integers == nodes | activations


def test_operators_that_are_to_stay_float_hold_back_what_follows():
    nodes, activations, integers = chosen(block, TFLITE, {"conv2d"})
    assert nodes == integers == {"conv2d_1"}
    assert not activations


FOLLOWERS = {
    "add": lambda self, one, other: one + other,
    "mul": lambda self, one, other: one * other,
    "cat": lambda self, one, other: self.first(torch.cat([one, other], 2)),
}


@pytest.mark.parametrize("name", FOLLOWERS)
def test_followers_need_integers_on_both_sides(name):
    follow = FOLLOWERS[name]
    both = chosen(
        lambda self, image: self.head(follow(self, self.first(image), self.second(image))), TFLITE
    )
    one = chosen(lambda self, image: self.head(follow(self, self.first(image), image)), TFLITE)
    assert name in both[0]
    assert name not in one[0]
    assert name not in one[2]


def test_a_constant_is_no_integer():
    def function(self, image):
        return self.head(self.first(image) + self.wide.bias)

    assert chosen(function, TFLITE)[0] == {"conv2d"}


def test_pooling_follows_where_the_scheme_names_it():
    def function(self, image):
        return self.head(nn.functional.adaptive_avg_pool2d(self.first(image), 1))

    assert "adaptive_avg_pool2d" in chosen(function, TFLITE)[0]
    assert "adaptive_avg_pool2d" not in chosen(function, ORT)[0]


def test_pooling_a_float_tensor_stays_float():
    def function(self, image):
        return self.head(self.first(nn.functional.adaptive_avg_pool2d(image, 1)))

    assert chosen(function, TFLITE)[0] == {"conv2d"}


def residual_linear(self, image):
    seen = image + self.narrow(self.wide(image))
    return self.head(seen + self.narrow(seen))


def test_linears_that_give_floats_leave_the_sums_of_residuals_float():
    nodes, _, integers = chosen(residual_linear, ORT)
    assert nodes == {"linear", "linear_1", "linear_2"}
    assert not integers


def test_moves_and_fused_activations_pass_integers_on():
    def function(self, image):
        seen = torch.relu(self.first(image)).transpose(2, 3)
        return self.head(seen + self.second(image))

    nodes, _, integers = chosen(function, ORT)
    assert "add" in nodes
    assert {"relu", "transpose"} <= integers


def test_moves_of_floats_stay_floats():
    def function(self, image):
        return self.head(torch.relu(image).transpose(2, 3) + self.first(image))

    nodes, _, integers = chosen(function, ORT)
    assert nodes == integers == {"conv2d"}


def test_the_last_operator_stays_float_where_only_its_shape_changes_after_it():
    def function(self, image):
        return self.head(self.first(image)).flatten(1)

    assert chosen(function, TFLITE)[0] == {"conv2d"}


def test_what_the_network_gives_stays_float():
    def function(self, image):
        seen = self.head(image)
        return self.first(seen) + self.second(seen)

    nodes, _, integers = chosen(function, TFLITE)
    assert nodes == integers == {"conv2d"}  # both terms of the sum are last operators


def test_whole_numbers_are_not_chosen():
    def function(self, image):
        seen = self.first(image)
        places = torch.arange(4) + torch.ones(4, dtype=torch.int64)
        return self.head(seen[:, :, places - 1])

    assert chosen(function, TFLITE)[0] == {"conv2d"}


BEHIND_SCORES = {
    "logit scale": lambda scores: scores * 20.0,
    "temperature": lambda scores: scores / 0.07,
    "bias": lambda scores: scores + torch.tensor([0.5]),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "clamp": lambda scores: scores.clamp(-30, 30),
    "softmax": lambda scores: scores.softmax(1),
    "log softmax": lambda scores: nn.functional.log_softmax(scores, 1),
    "log sigmoid": nn.functional.logsigmoid,
    "one class of the softmax": lambda scores: scores.softmax(1)[:, 1:],
    "both signs": lambda scores: torch.cat([-scores, scores], 1),
    "several after each other": lambda scores: torch.sigmoid(scores.flatten(1) / 2 - 1),
}


@pytest.mark.parametrize("behind", BEHIND_SCORES)
@pytest.mark.parametrize("name", SCHEMES)
def test_the_last_heavy_operator_is_float_whatever_is_done_to_its_scores(name, behind):
    def function(self, image):
        return BEHIND_SCORES[behind](self.head(self.first(image)))

    nodes, activations, _ = chosen(function, SCHEMES[name])
    assert nodes == {"conv2d"}
    assert not activations


def test_an_operator_before_a_pool_or_a_norm_is_not_the_last():
    def function(self, image):
        seen = torch.sigmoid(self.first(image)).mean((2, 3))
        return nn.functional.layer_norm(self.wide(seen), (4,))

    assert chosen(function, TFLITE)[0] >= {"conv2d", "linear"}


def test_a_long_chain_of_gates_is_walked_once():
    def function(self, image):
        seen = self.first(image)
        for _ in range(40):  # two ways each: 2 ** 40 walks
            seen = seen * torch.sigmoid(seen)
        return self.head(seen)

    assert "conv2d" in chosen(function, TFLITE)[0]
