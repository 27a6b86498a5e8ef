import pytest
import torch

from edgekit.detectors.states import find_state, is_averaged
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError

STATE = {"a.weight": torch.ones(2, 2), "a.bias": torch.ones(2)}
OTHER = {"b.scale": torch.ones(3)}


@pytest.mark.parametrize(
    "key",
    ["state_dict", "model", "model_state_dict", "net", "params", "state_dict_ema", "ema.module"],
)
def test_weights_are_found_wherever_a_script_put_them(tmp_path, key):
    value = STATE
    for part in reversed(key.split(".")):
        value = {part: value, "epoch": 3, "optimizer": {"state": {0: {"step": torch.ones(1)}}}}
    torch.save(value, tmp_path / "x.pt")
    assert read_weights(tmp_path / "x.pt").keys() == STATE.keys()


def test_a_loss_beside_the_model_is_no_question(tmp_path):
    assert find_state({"model": STATE, "criterion": OTHER}, tmp_path) is not OTHER
    assert find_state({"model": STATE, "criterion": OTHER}, tmp_path).keys() == STATE.keys()


@pytest.mark.parametrize("key", ["state_dict_ema", "model_ema", "ema", "teacher", "swa_model"])
def test_averages_beside_it_are(tmp_path, key):
    value = {"model": STATE, key: dict(STATE)}
    with pytest.raises(InputError, match=f'weights_key = "model" or weights_key = "{key}"'):
        find_state(value, tmp_path)
    assert find_state(value, tmp_path, key).keys() == STATE.keys()


def test_two_networks_without_a_usual_name_are(tmp_path):
    with pytest.raises(InputError, match="'generator' and 'discriminator'"):
        find_state({"generator": STATE, "discriminator": OTHER}, tmp_path)


def test_a_key_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="hold no 'ema', only 'state_dict', 'state_dict_ema'"):
        find_state({"state_dict": STATE, "state_dict_ema": STATE}, tmp_path, "ema")
    with pytest.raises(InputError, match="hold no 'ema', only 'a'"):
        find_state(STATE, tmp_path, "ema")


def test_a_key_may_be_a_prefix(tmp_path):
    value = {"state_dict": {"net.a": torch.ones(1), "ema.a": torch.zeros(1)}}
    for key in ("ema", "state_dict.ema"):
        assert torch.equal(find_state(value, tmp_path, key)["a"], torch.zeros(1))


def test_no_prefix_is_a_key_too(tmp_path):
    value = {"a": torch.ones(1), "ema.a": torch.zeros(1)}
    assert torch.equal(find_state(value, tmp_path, "")["a"], torch.ones(1))


@pytest.mark.parametrize(
    ("name", "averaged"),
    [
        ("model_ema.a", True),
        ("ema_model", True),
        ("state_dict_ema", True),
        ("schema.weight", False),
        ("embed.weight", False),
        ("remap", False),
        ("cinema", False),
    ],
)
def test_names_that_speak_of_averages(name, averaged):
    assert is_averaged(name) is averaged
