import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from edgekit.detectors.heads import choose_feature, read_head
from edgekit.errors import InputError


@pytest.mark.parametrize("prefix", ["", "fc.", "module.classifier."])
def test_one_pair_of_any_name_is_a_head(tmp_path, write_head, prefix):
    weight, bias = write_head(tmp_path / "head.safetensors", 6, prefix=prefix)
    head = read_head(tmp_path / "head.safetensors", 2)
    assert torch.equal(head.weight, weight)
    assert torch.equal(head.bias, bias)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"weight": (2, 6)}, "not one weight and one bias"),
        ({"a.weight": (2, 6), "b.bias": (2,)}, "not one weight and one bias"),
        ({"a.weight": (2, 6), "a.bias": (2,), "scale": (1,)}, "not one weight and one bias"),
        ({"a.weight": (2, 6), "a.bias": (2,), "b.weight": (2, 6), "b.bias": (2,)}, "not one"),
        ({"weight": (3, 6), "bias": (3,)}, r"shape \(3, 6\), 2 classes need \(2, D\) or \(1, D\)"),
        ({"weight": (6,), "bias": (2,)}, r"shape \(6,\)"),
        ({"weight": (2, 6), "bias": (3,)}, r"'bias' has shape \(3,\)"),
    ],
)
def test_what_is_no_head(tmp_path, weights, words):
    path = tmp_path / "head.safetensors"
    save_file({name: torch.ones(shape) for name, shape in weights.items()}, path)
    with pytest.raises(InputError, match=words):
        read_head(path, 2)


def test_nan(tmp_path):
    path = tmp_path / "head.safetensors"
    save_file({"weight": torch.full((2, 3), float("nan")), "bias": torch.ones(2)}, path)
    with pytest.raises(InputError, match="'weight' holds NaN"):
        read_head(path, 2)


def test_a_poisoned_head_does_not_run(tmp_path, write_bomb):
    mark = write_bomb(tmp_path / "head.pt")
    with pytest.raises(InputError, match="pickled objects"):
        read_head(tmp_path / "head.pt", 2)
    assert not mark.exists()


def test_the_first_feature_that_fits_is_chosen(tmp_path):
    head = nn.Linear(6, 2)
    assert choose_feature({"projection": 6, "pooled": 6}, head, None, tmp_path) == "projection"
    assert choose_feature({"projection": 4, "pooled": 6}, head, None, tmp_path) == "pooled"
    assert choose_feature({"projection": 6, "pooled": 6}, head, "pooled", tmp_path) == "pooled"
    with pytest.raises(InputError, match="projection 4, pooled 5"):
        choose_feature({"projection": 4, "pooled": 5}, head, None, tmp_path)
    with pytest.raises(InputError, match="'projection' is asked for"):
        choose_feature({"pooled": 6}, head, "projection", tmp_path)
