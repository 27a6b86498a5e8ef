import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from edgekit.detectors.fill import fill
from edgekit.errors import InputError

PART = st.sampled_from(
    ["module", "_orig_mod", "model", "net", "student", "backbone", "encoder", "a", "0"]
)


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))


def prefixed(state, prefix):
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


@given(st.lists(PART, max_size=4))
def test_any_prefix_is_taken_off(tmp_path_factory, parts):
    prefix = "".join(f"{part}." for part in parts)
    model, state = small(), small().state_dict()
    weights = prefixed({name: tensor + 1 for name, tensor in state.items()}, prefix)
    fill(model, weights, tmp_path_factory.getbasetemp())
    assert all(torch.equal(tensor, state[name] + 1) for name, tensor in model.state_dict().items())


def test_what_was_done_is_told(tmp_path):
    weights = prefixed(small().state_dict(), "model.") | {"loss.scale": torch.ones(1)}
    notes = fill(small(), weights, tmp_path / "w.pt")
    assert notes == [
        "w.pt: 'model.' taken off the names",
        "w.pt: 1 tensors outside the network left out",
    ]
    assert fill(small(), small().state_dict(), tmp_path / "w.pt") == []


def test_a_wrapper_around_a_part(tmp_path):
    state = small().state_dict()
    inner = {name.replace("0.", "0.module.", 1): tensor for name, tensor in state.items()}
    assert fill(small(), inner, tmp_path) == []


def test_the_likely_prefix_and_what_does_not_fit_are_named(tmp_path):
    weights = prefixed(small().state_dict(), "model.")
    weights["model.head.weight"] = weights.pop("model.3.weight")
    words = r"lack '3.weight' under their prefix 'model.', and have 'model.head.weight', which"
    with pytest.raises(InputError, match=words):
        fill(small(), weights, tmp_path)


def test_weights_of_another_network_are_called_so(tmp_path):
    with pytest.raises(InputError, match=r"lack '0.weight', '0.bias', '1.weight' and .* another"):
        fill(small(), {"x.y": torch.ones(1)}, tmp_path)


@pytest.mark.parametrize("prefixes", [("student.", "teacher."), ("a.", "b."), ("", "ema.")])
def test_the_same_network_twice_is_a_question(tmp_path, prefixes):
    state = small().state_dict()
    weights = {k: v for prefix in prefixes for k, v in prefixed(state, prefix).items()}
    named = [prefix.removesuffix(".") for prefix in prefixes]
    words = " or ".join(f'weights_key = "{name}"' for name in named)
    with pytest.raises(InputError, match=words):
        fill(small(), weights, tmp_path)


def test_averages_under_names_of_their_own_are_a_question_too(tmp_path):
    """Some tools write them without the dots that names have."""
    state = small().state_dict()
    flat = {f"model_ema.{name.replace('.', '')}": tensor for name, tensor in state.items()}
    with pytest.raises(InputError, match="'model' and 'model_ema'"):
        fill(small(), prefixed(state, "model.") | flat, tmp_path)


def test_the_counter_of_averaged_models_is_no_weight(tmp_path):
    averaged = torch.optim.swa_utils.AveragedModel(small())
    fill(small(), averaged.state_dict(), tmp_path)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight


@pytest.mark.parametrize("name", ["first.weight", "second.weight"])
def test_one_of_tied_weights_is_enough(tmp_path, name):
    model, tensor = Tied(), torch.arange(9.0).reshape(3, 3)
    fill(model, {f"module.{name}": tensor}, tmp_path)
    assert torch.equal(model.first.weight, tensor)
    assert model.first.weight is model.second.weight


def test_tied_weights_that_differ_are_refused(tmp_path):
    both = {"first.weight": torch.zeros(3, 3), "second.weight": torch.ones(3, 3)}
    with pytest.raises(InputError, match=r"'first.weight' and 'second.weight' are one weight"):
        fill(Tied(), both, tmp_path)


def test_a_network_that_holds_one_like_itself_is_no_question(tmp_path):
    model = nn.ModuleDict({"a": nn.Linear(2, 2), "x": nn.ModuleDict({"a": nn.Linear(2, 2)})})
    assert fill(model, model.state_dict(), tmp_path) == []
