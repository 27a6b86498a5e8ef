"""Averaged weights beside raw ones: every kind that reads a checkpoint asks."""

import shutil

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from edgekit.detectors.registry import load_detector
from edgekit.detectors.timm import new_student
from edgekit.errors import InputError
from edgekit.signature import Preprocessing, Signature, image_input


def open_clip_folder(folder, write_open_clip, write_hugging_face, write_head):
    write_open_clip(folder / "m")
    write_head(folder / "h.safetensors", 16)
    names = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
    return {"kind": "open_clip", "model": "m", "head": "h.safetensors"}, names


def hugging_face_folder(folder, write_open_clip, write_hugging_face, write_head):
    write_hugging_face(folder / "m")
    write_head(folder / "h.safetensors", 16)
    names = ("model.safetensors", "pytorch_model.bin")
    return {"kind": "hugging_face", "model": "m", "head": "h.safetensors"}, names


def timm_file(folder, write_open_clip, write_hugging_face, write_head):
    (folder / "m").mkdir()
    torch.manual_seed(0)
    model = timm.create_model("test_resnet", num_classes=2)
    save_file(model.state_dict(), folder / "m/w.safetensors")
    table = {"kind": "timm", "model": "test_resnet", "checkpoint": "m/w.safetensors"}
    return table, ("w.safetensors", "w.safetensors")


def factory_file(folder, write_open_clip, write_hugging_face, write_head):
    table, names = timm_file(folder, write_open_clip, write_hugging_face, write_head)
    (folder / "net.py").write_text(
        "import timm\n\n\ndef make():\n    return timm.create_model('test_resnet', num_classes=2)\n"
    )
    rule = {"name": "image", "shape": [1, 3, 64, 64], "preprocessing": {"size": [64, 64]}}
    signature = {"classes": ["real", "fake"], "positive": "fake", "inputs": [rule]}
    checkpoint = {"checkpoint": table["checkpoint"], "signature": signature}
    return {"kind": "factory", "factory": "net.py:make", **checkpoint}, names


KINDS = [open_clip_folder, hugging_face_folder, timm_file, factory_file]


@pytest.mark.parametrize("make", KINDS)
def test_every_kind_asks(tmp_path, make, labels, write_open_clip, write_hugging_face, write_head):
    table, (before, after) = make(tmp_path, write_open_clip, write_hugging_face, write_head)
    table = table if table["kind"] == "factory" else table | labels

    def logits(**more):
        detector = load_detector(table | more, tmp_path, "[detector]")
        return detector.logits((np.full(detector.signature.inputs[0].shape, 0.5, np.float32),))

    wanted = logits()
    state = load_file(tmp_path / "m" / before)
    (tmp_path / "m" / before).unlink()
    averaged = {
        name: tensor * 1.5 if tensor.is_floating_point() else tensor
        for name, tensor in state.items()
    }
    torch.save({"model": state, "model_ema": averaged}, tmp_path / "m" / after)
    with pytest.raises(InputError, match=r"'model' and 'model_ema'.*weights_key"):
        logits()
    np.testing.assert_array_equal(logits(weights_key="model"), wanted)
    assert np.abs(logits(weights_key="model_ema") - wanted).max() > 1e-3


def test_a_student_asks_too(tmp_path):
    rule = Preprocessing(size=(64, 64))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    state = timm.create_model("test_resnet").state_dict()
    torch.save({"state_dict": state, "state_dict_ema": state}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="weights_key"):
        new_student("test_resnet", signature, checkpoint=tmp_path / "w.pt")
    made = new_student(
        "test_resnet", signature, checkpoint=tmp_path / "w.pt", weights_key="state_dict_ema"
    )
    assert torch.equal(made.model.backbone.conv1[0].weight, state["conv1.0.weight"])


def test_shards_of_a_folder_are_read(
    tmp_path, labels, write_open_clip, write_hugging_face, write_head
):
    """Written by transformers itself, which shards what is larger than it is told."""
    import transformers

    write_head(tmp_path / "h.safetensors", 16)
    model = write_hugging_face(tmp_path / "m")
    assert isinstance(model, transformers.CLIPVisionModelWithProjection)
    table = {"kind": "hugging_face", "model": "m", "head": "h.safetensors", **labels}
    image = (np.full((1, 3, 32, 32), 0.5, np.float32),)
    wanted = load_detector(table, tmp_path, "[teacher]").logits(image)
    images = (tmp_path / "m/preprocessor_config.json").read_bytes()
    shutil.rmtree(tmp_path / "m")
    model.save_pretrained(tmp_path / "m", max_shard_size="40KB")
    (tmp_path / "m/preprocessor_config.json").write_bytes(images)
    assert len(list((tmp_path / "m").glob("model-*.safetensors"))) > 1
    np.testing.assert_array_equal(load_detector(table, tmp_path, "[teacher]").logits(image), wanted)
