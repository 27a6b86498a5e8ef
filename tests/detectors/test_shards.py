import json

import pytest
import torch
from safetensors.torch import save_file

from edgekit.detectors.shards import index_beside, is_index, shards_of
from edgekit.detectors.sources import source_files
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError

INDEX = "model.safetensors.index.json"
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.fixture
def index(tmp_path):
    save_file({"a": torch.ones(2)}, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"b": torch.zeros(3)}, tmp_path / "model-00002-of-00002.safetensors")
    return write(tmp_path, dict(zip("ab", SHARDS, strict=True)))


def write(folder, names):
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": names}))
    return folder / INDEX


def test_all_shards_are_read(index):
    weights = read_weights(index)
    assert weights.keys() == {"a", "b"}
    assert torch.equal(weights["b"], torch.zeros(3))
    assert read_weights(index, lambda name: name == "b").keys() == {"b"}


def test_torch_shards_too(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "pytorch_model-00001-of-00001.bin")
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "pytorch_model-00001-of-00001.bin"}}))
    assert read_weights(index).keys() == {"a"}


@pytest.mark.parametrize(
    "file", ["../x", "/etc/passwd", "..", "", "a/b", "a\\b", "C:x", 3, None, "."]
)
def test_files_outside_the_folder_are_refused(tmp_path, file):
    with pytest.raises(InputError, match="no file of its folder"):
        shards_of(write(tmp_path, {"a": file}))


def test_a_missing_shard_is_named(index):
    (index.parent / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(InputError, match=r"1 of the 2 shards .*'model-00002-of-00002.safetensors'"):
        read_weights(index)


def test_a_tensor_that_is_not_where_the_index_says(index):
    save_file({"c": torch.ones(2)}, index.parent / "model-00002-of-00002.safetensors")
    with pytest.raises(InputError, match=r"lacks 'b', which model.safetensors.index.json says"):
        read_weights(index)


@pytest.mark.parametrize("text", ["{}", "[]", '{"weight_map": {}}'])
def test_an_index_without_names(tmp_path, text):
    (tmp_path / INDEX).write_text(text)
    with pytest.raises(InputError, match="no weight_map"):
        shards_of(tmp_path / INDEX)


def test_names(index):
    assert is_index(index)
    assert index_beside(index.parent / "model-00001-of-00002.safetensors") == INDEX
    assert index_beside(index) is None


def test_a_changed_shard_makes_a_finished_step_anew(index):
    files = source_files({"kind": "factory", "checkpoint": INDEX}, index.parent)
    assert [path.name for path in files] == [
        INDEX,
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]
