"""Weights files as people have them, each loaded as what it is or refused by its name.

Every row is `edgekit calibrate` on a project whose `[detector]` names the file as its checkpoint.

| situation | command | result before | right value |
|---|---|---|---|
| names begin with `module.` (DataParallel) | `edgekit calibrate` | loaded | loaded |
| names begin with `_orig_mod.` (torch.compile) | `edgekit calibrate` | lack 'conv.weight' | loaded |
| names begin with `module._orig_mod.` | `edgekit calibrate` | lack 'conv.weight' | loaded |
| Lightning: `state_dict`, `model.`, a loss beside | `edgekit calibrate` | lack 'conv.weight' | loaded |
| `model_state_dict` beside an optimizer | `edgekit calibrate` | entry 'epoch' is no tensor | loaded |
| `params_ema` alone | `edgekit calibrate` | entry 'params_ema' is no tensor | loaded |
| a wrapper within the names (one block compiled) | `edgekit calibrate` | lack 'conv.weight' | loaded |
| no `num_batches_tracked` | `edgekit calibrate` | lack 'norm.num_batches_tracked' | loaded |
| bfloat16 | `edgekit calibrate` | loaded | loaded, float32 |
| safetensors under the name `.pt` | `edgekit calibrate` | pickled objects or damaged | loaded |
| a torch file under the name `.safetensors` | `edgekit calibrate` | not a whole safetensors file | loaded |
| shards with their index | `edgekit calibrate` | pickled objects or damaged | loaded |
| the index without one of its shards | `edgekit calibrate` | pickled objects or damaged | names the shard |
| an index that names `../other` | `edgekit calibrate` | pickled objects or damaged | refuses the path |
| one shard of two | `edgekit calibrate` | lack 'norm.bias' | names the index |
| `state_dict` beside `state_dict_ema` | `edgekit calibrate` | took the raw ones | asks, names both |
| `model` beside `ema.module` | `edgekit calibrate` | took the raw ones | asks, names both |
| `net.` beside `ema_model.` in one dictionary | `edgekit calibrate` | lack 'conv.weight' | asks |
| another class count | `edgekit calibrate` | says both shapes | says both, and what to do |
| int8 weights | `edgekit calibrate` | loaded as floats | refused as integers |
| an ONNX model | `edgekit calibrate` | pickled objects or damaged | "an ONNX model" |
| a TorchScript archive | `edgekit calibrate` | truncated or no file of tensors | points to the line that converts |
| a program of torch.export | `edgekit calibrate` | truncated or no file of tensors | "a program of torch.export" |
| optimizer arguments in it (`argparse.Namespace`) | `edgekit calibrate` | pickled objects or damaged | names the class |
| a whole pickled module | `edgekit calibrate` | pickled objects or damaged | names the class |
| a plain pickle | `edgekit calibrate` | not a whole safetensors file | "pickled objects of plain Python" |
| a TensorFlow Lite model | `edgekit calibrate` | not a whole safetensors file | "a TensorFlow Lite model" |
| GGUF | `edgekit calibrate` | not a whole safetensors file | "a GGUF file" |
| HDF5 (`.h5`) | `edgekit calibrate` | not a whole safetensors file | "an HDF5 file" |
| Keras (`.keras`) | `edgekit calibrate` | truncated or no file of tensors | "a Keras model" |
| a TensorRT engine | `edgekit calibrate` | not a whole safetensors file | "a TensorRT engine" |
| a Core ML model | `edgekit calibrate` | pickled objects or damaged | "a Core ML model" |
| a Core ML package | `edgekit calibrate` | do not exist | "a Core ML package" |
| a Git LFS pointer | `edgekit calibrate` | not a whole safetensors file | "a Git LFS pointer" |
| an HTML page | `edgekit calibrate` | not a whole safetensors file | "an HTML page" |
| a server's JSON error | `edgekit calibrate` | not a whole safetensors file | quotes its beginning |
| a download that was cut | `edgekit calibrate` | truncated or no file of tensors | "truncated or damaged" |
| a zipped folder | `edgekit calibrate` | truncated or no file of tensors | "a zip archive of 1 files" |
| a folder | `edgekit calibrate` | do not exist | names the file in it |
| an empty file | `edgekit calibrate` | empty (0 bytes) | "empty (0 bytes)" |
"""
# ruff: noqa: E501 (the table)

import argparse
import json
import pickle
import re
import tomllib
import zipfile

import numpy as np
import onnx
import pytest
import skimage.data
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from edgekit.detectors.registry import load_detector

MODEL = """
from torch import nn


def make():
    layers = {"conv": nn.Conv2d(3, 4, 3), "norm": nn.BatchNorm2d(4), "act": nn.ReLU(),
              "pool": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "fc": nn.Linear(4, 2)}
    model = nn.Sequential()
    for name, layer in layers.items():
        model.add_module(name, layer)
    return model
"""
PROJECT = """
[project]
name = "weights"

[detector]
kind = "factory"
factory = "model.py:make"
checkpoint = "FILE"

[detector.signature]
classes = ["real", "fake"]
positive = "fake"

[[detector.signature.inputs]]
name = "image"
shape = [1, 3, 16, 16]
preprocessing = { size = [16, 16] }

[data]
calibration = "data/calibration"
test = "data/test"

[targets.x86]
"""


def make_model():
    scope = {}
    exec(compile(MODEL, "model.py", "exec"), scope)
    torch.manual_seed(3)
    return scope["make"]().eval()


@pytest.fixture(scope="module")
def state():
    return make_model().state_dict()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    for split, photograph in (("calibration", "astronaut"), ("test", "coffee")):
        image = getattr(skimage.data, photograph)()
        for name, left in (("real", 100), ("fake", 200)):
            (tmp_path / "data" / split / name).mkdir(parents=True)
            for index in range(4):
                crop = image[index * 40 : index * 40 + 32, left : left + 32]
                Image.fromarray(crop).save(tmp_path / "data" / split / name / f"{index}.png")
    return tmp_path


def write_project(folder, file, key=None):
    text = PROJECT.replace("FILE", file)
    if key is not None:
        text = text.replace('checkpoint = "', f'weights_key = "{key}"\ncheckpoint = "')
    (folder / "edgekit.toml").write_text(text)


def loaded(folder, file, key=None):
    """Load the same Detector again, to look at its weights."""
    table = tomllib.loads((folder / "edgekit.toml").read_text())["detector"]
    return load_detector(table, folder, "[detector]").model


def prefixed(state, prefix):
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


def shifted(state):
    return {name: tensor + 1 for name, tensor in state.items()}


def shards(folder, state, rest="model-00002-of-00002.safetensors"):
    names = list(state)
    first = "model-00001-of-00002.safetensors"
    save_file({name: state[name] for name in names[:3]}, folder / first)
    save_file(
        {name: state[name] for name in names[3:]}, folder / "model-00002-of-00002.safetensors"
    )
    index = {name: first if name in names[:3] else rest for name in names}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    return "model.safetensors.index.json"


def as_torch(value):
    def write(folder, state):
        torch.save(value(state), folder / "weights.pt")
        return "weights.pt"

    return write


def lightning(state):
    beside = {"loss.weight": torch.ones(2)}
    return {"epoch": 3, "state_dict": prefixed(state, "model.") | beside, "callbacks": {}}


def trained(state):
    optimizer = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1}]}
    return {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer}


def one_block_compiled(state):
    return {name.replace("conv.", "conv._orig_mod."): tensor for name, tensor in state.items()}


def without_counter(state):
    return {name: tensor for name, tensor in state.items() if "num_batches" not in name}


def safetensors_named_torch(folder, state):
    save_file(state, folder / "weights.pt")
    return "weights.pt"


def torch_named_safetensors(folder, state):
    torch.save(state, folder / "weights.safetensors")
    return "weights.safetensors"


LOADED = {
    "module": as_torch(lambda state: prefixed(state, "module.")),
    "compiled": as_torch(lambda state: prefixed(state, "_orig_mod.")),
    "both": as_torch(lambda state: prefixed(state, "module._orig_mod.")),
    "lightning": as_torch(lightning),
    "optimizer": as_torch(trained),
    "ema_alone": as_torch(lambda state: {"params_ema": state, "step": 3}),
    "one_block_compiled": as_torch(one_block_compiled),
    "no_counter": as_torch(without_counter),
    "safetensors_named_torch": safetensors_named_torch,
    "torch_named_safetensors": torch_named_safetensors,
    "shards": shards,
}


@pytest.mark.parametrize("name", LOADED)
def test_it_loads(project, state, edgekit, name):
    file = LOADED[name](project, state)
    write_project(project, file)
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 0, answer.err
    found = loaded(project, file).state_dict()
    assert all(torch.equal(found[key], state[key]) for key in state)


def test_bfloat16_becomes_float32(project, state, edgekit):
    half = {k: v.bfloat16() if v.is_floating_point() else v for k, v in state.items()}
    torch.save(half, project / "weights.pt")
    write_project(project, "weights.pt")
    assert edgekit("calibrate", cwd=project).code == 0
    found = loaded(project, "weights.pt").conv.weight
    assert found.dtype == torch.float32
    assert torch.equal(found, half["conv.weight"].float())


def test_what_was_taken_off_is_said(project, state, edgekit):
    torch.save(lightning(state), project / "weights.pt")
    write_project(project, "weights.pt")
    answer = edgekit("calibrate", cwd=project)
    assert "weights.pt: 'model.' taken off the names" in answer.out + answer.err
    assert "1 tensors outside the network left out" in answer.out + answer.err


AVERAGED = {
    "timm": (lambda state: {"state_dict": state, "state_dict_ema": shifted(state)}),
    "nested": (lambda state: {"model": state, "ema": {"module": shifted(state), "updates": 3}}),
    "flat": (lambda state: prefixed(state, "net.") | prefixed(shifted(state), "ema_model.")),
}
KEYS = {
    "timm": ("state_dict", "state_dict_ema"),
    "nested": ("model", "ema.module"),
    "flat": ("net", "ema_model"),
}


@pytest.mark.parametrize("name", AVERAGED)
def test_averaged_weights_beside_raw_ones_are_a_question(project, state, edgekit, name):
    torch.save(AVERAGED[name](state), project / "weights.pt")
    raw, averaged = KEYS[name]
    write_project(project, "weights.pt")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert f"{raw!r} and {averaged!r}" in answer.complaint
    assert f'weights_key = "{averaged}"' in answer.complaint
    for key, wanted in ((raw, state), (averaged, shifted(state))):
        write_project(project, "weights.pt", key)
        found = loaded(project, "weights.pt").state_dict()
        assert torch.equal(found["conv.weight"], wanted["conv.weight"])


def onnx_model(folder, state):
    value = onnx.helper.make_tensor_value_info("x", 1, [1])
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    graph = onnx.helper.make_graph(
        [node], "g", [value], [onnx.helper.make_empty_tensor_value_info("y")]
    )
    onnx.save(onnx.helper.make_model(graph), folder / "weights.pt")
    return "weights.pt"


def torchscript(folder, state):
    torch.jit.save(torch.jit.script(make_model()), folder / "weights.pt")
    return "weights.pt"


def program(folder, state):
    exported = torch.export.export(make_model(), (torch.ones(1, 3, 16, 16),))
    torch.export.save(exported, folder / "weights.pt2")
    (folder / "weights.pt2").rename(folder / "weights.pt")
    return "weights.pt"


def content(data):
    def write(folder, state):
        (folder / "weights.safetensors").write_bytes(data)
        return "weights.safetensors"

    return write


def core_ml(folder, state):
    import coremltools.proto.Model_pb2 as proto

    model = proto.Model(specificationVersion=5)
    model.description.metadata.author = "somebody"
    model.neuralNetwork.layers.add().name = "a layer"
    (folder / "weights.pt").write_bytes(model.SerializeToString())
    return "weights.pt"


def core_ml_package(folder, state):
    (folder / "weights.mlpackage").mkdir()
    (folder / "weights.mlpackage/Manifest.json").write_text("{}")
    return "weights.mlpackage"


def zipped(name):
    def write(folder, state):
        with zipfile.ZipFile(folder / "weights.pt", "w") as archive:
            archive.writestr(name, b"x")
        return "weights.pt"

    return write


def cut(folder, state):
    torch.save(state, folder / "whole.pt")
    (folder / "weights.pt").write_bytes((folder / "whole.pt").read_bytes()[:1500])
    return "weights.pt"


def folder_of_weights(folder, state):
    (folder / "trained").mkdir()
    save_file(state, folder / "trained/best.safetensors")
    return "trained"


def without_a_shard(folder, state):
    file = shards(folder, state)
    (folder / "model-00002-of-00002.safetensors").unlink()
    return file


def one_shard(folder, state):
    shards(folder, state)
    return "model-00001-of-00002.safetensors"


def int8(state):
    return state | {"conv.weight": torch.ones(4, 3, 3, 3, dtype=torch.int8)}


REFUSED = {
    "missing_shard": (without_a_shard, "1 of the 2 shards.*missing, first 'model-00002-of-00002"),
    "shard_outside": (lambda f, s: shards(f, s, "../other"), "'../other', which is no file of its"),
    "one_shard": (one_shard, "one shard of several: name model.safetensors.index.json"),
    "classes": (
        as_torch(lambda s: s | {"fc.weight": torch.ones(7, 4), "fc.bias": torch.ones(7)}),
        r"'fc.weight' has shape \(7, 4\).*asks for \(2, 4\).*7 classes",
    ),
    "int8": (as_torch(int8), "'conv.weight' holds int8, the network wants floats"),
    "onnx": (onnx_model, "are an ONNX model"),
    "torchscript": (torchscript, "are a TorchScript archive.*docs/detectors.md"),
    "program": (program, "are a program of torch.export"),
    "namespace": (
        as_torch(lambda s: {"state_dict": s, "args": argparse.Namespace(lr=1)}),
        r"pickled objects \(argparse.Namespace\).*docs/detectors.md",
    ),
    "module": (as_torch(lambda s: nn.Linear(2, 2)), r"\(torch.nn.modules.linear.Linear\)"),
    "pickle": (content(pickle.dumps({"a": np.ones(2)})), "pickled objects of plain Python"),
    "tflite": (content(b"\x1c\0\0\0TFL3" + bytes(60)), "are a TensorFlow Lite model"),
    "gguf": (content(b"GGUF\x03" + bytes(60)), "are a GGUF file"),
    "h5": (content(b"\x89HDF\r\n\x1a\n" + bytes(60)), "are an HDF5 file"),
    "keras": (zipped("model.weights.h5"), "are a Keras model"),
    "engine": (content(b"ftrt" + bytes(60)), "are a TensorRT engine"),
    "core_ml": (core_ml, "are a Core ML model"),
    "core_ml_package": (core_ml_package, "are a Core ML package"),
    "lfs": (
        content(b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n"),
        "are a Git LFS pointer.*git lfs pull",
    ),
    "html": (content(b"\n<!DOCTYPE html><html>Log in</html>"), "are an HTML page"),
    "json": (content(b'{"error": "Repository not found"}'), 'a text that begins with.*"error"'),
    "cut": (cut, "truncated or damaged"),
    "zip": (zipped("run/notes.txt"), "are a zip archive of 1 files"),
    "folder": (folder_of_weights, "a folder; in it lie best.safetensors"),
    "empty": (content(b""), r"empty \(0 bytes\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_for_what_it_is(project, state, edgekit, name):
    write, words = REFUSED[name]
    write_project(project, write(project, state))
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2, answer.err
    assert re.search(words, answer.complaint), answer.complaint
    assert not (project / "build" / "calibration").exists()
