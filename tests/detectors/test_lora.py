import json

import numpy as np
import peft
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from edgekit.detectors.registry import load_detector
from edgekit.errors import InputError
from edgekit.preprocess import preprocess


@pytest.fixture
def table(labels):
    table = {"kind": "hugging_face", "model": "clip", "head": "head.safetensors", "lora": "lora"}
    return {**table, **labels}


def load(table, base):
    return load_detector(table, base, "[teacher] of edgekit.toml")


@pytest.fixture
def adapt(tmp_path, write_hugging_face, write_head):
    """Write a model and an adapter of it; return the unmerged model and the head."""

    def write(kind="CLIPVisionModelWithProjection", **changes):
        model = write_hugging_face(tmp_path / "clip", kind)
        config = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]} | changes
        wrapped = peft.get_peft_model(model, peft.LoraConfig(**config)).eval()
        with torch.no_grad():
            for name, weight in wrapped.named_parameters():
                if "lora_" in name:
                    weight.add_(torch.randn_like(weight) * 0.3)
        wrapped.save_pretrained(tmp_path / "lora")
        head = write_head(tmp_path / "head.safetensors", 32 if kind == "CLIPVisionModel" else 16)
        return wrapped, head

    return write


def unmerged(wrapped, head, detector, photo):
    rule = detector.signature.inputs[0].preprocessing
    pixels = torch.from_numpy(preprocess(photo, rule))
    with torch.no_grad():
        if isinstance(wrapped.base_model.model, transformers.CLIPModel):
            features = wrapped.base_model.model.get_image_features(pixels).pooler_output
        else:
            output = wrapped(pixels)
            features = output.image_embeds if "image_embeds" in output else output.pooler_output
    return (features @ head[0].T + head[1]).numpy()


@pytest.mark.parametrize("kind", ["CLIPModel", "CLIPVisionModel", "CLIPVisionModelWithProjection"])
def test_merged_equals_unmerged(tmp_path, adapt, table, photo, see, kind):
    wrapped, head = adapt(kind)
    detector = load(table, tmp_path)
    wanted = unmerged(wrapped, head, detector, photo)
    np.testing.assert_allclose(see(detector), wanted, atol=1e-5)
    plain = load({key: value for key, value in table.items() if key != "lora"}, tmp_path)
    assert np.abs(see(plain) - wanted).max() > 1e-2
    assert all(weight.requires_grad for weight in detector.model.parameters())


@pytest.mark.parametrize(
    "changes",
    [
        {"use_dora": True},
        {"use_rslora": True},
        {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"q_proj": 16}},
        {"target_modules": ["fc1", "visual_projection"]},
        {"target_modules": "all-linear"},
        {"target_modules": r".*layers\.1\.self_attn\.(q|k)_proj"},
        {"init_lora_weights": False},
    ],
)
def test_variants_of_lora(tmp_path, adapt, table, photo, see, changes):
    wrapped, head = adapt(**changes)
    detector = load(table, tmp_path)
    np.testing.assert_allclose(see(detector), unmerged(wrapped, head, detector, photo), atol=1e-5)


def rename(folder, change):
    path = folder / "adapter_model.safetensors"
    save_file({change(name): tensor for name, tensor in load_file(path).items()}, path)


@pytest.mark.parametrize(
    "prefix", ["", "vision_model.", "clip.vision_model.", "model.vision_model."]
)
def test_the_same_adapter_under_any_prefix(tmp_path, adapt, table, photo, see, prefix):
    wrapped, head = adapt()
    rename(tmp_path / "lora", lambda name: name.replace("model.vision_model.", f"model.{prefix}"))
    detector = load(table, tmp_path)
    np.testing.assert_allclose(see(detector), unmerged(wrapped, head, detector, photo), atol=1e-5)


def test_an_adapter_as_a_torch_file(tmp_path, adapt, table, see):
    adapt()
    wanted = see(load(table, tmp_path))
    path = tmp_path / "lora/adapter_model.safetensors"
    torch.save(load_file(path), tmp_path / "lora/adapter_model.bin")
    path.unlink()
    np.testing.assert_array_equal(see(load(table, tmp_path)), wanted)


def test_a_tensor_that_fits_no_layer_is_an_error(tmp_path, adapt, table):
    adapt()
    rename(tmp_path / "lora", lambda name: name.replace("layers.1", "layers.7"))
    with pytest.raises(InputError, match=r"layers\.7.*would go unused"):
        load(table, tmp_path)


def test_half_a_product_is_an_error(tmp_path, adapt, table):
    adapt()
    path = tmp_path / "lora/adapter_model.safetensors"
    weights = load_file(path)
    del weights[next(name for name in weights if "lora_B" in name)]
    save_file(weights, path)
    with pytest.raises(InputError, match=r"lora_B.*has no counterpart"):
        load(table, tmp_path)


def test_another_rank_than_the_config_says(tmp_path, adapt, table):
    adapt()
    path = tmp_path / "lora/adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"r": 2}))
    with pytest.raises(InputError, match="does not fit the vision tower"):
        load(table, tmp_path)


def test_an_adapter_that_holds_other_weights_too(tmp_path, adapt, table):
    adapt(modules_to_save=["post_layernorm"])
    with pytest.raises(InputError, match=r"post_layernorm.*no part of a LoRA product"):
        load(table, tmp_path)


def test_an_adapter_of_the_text_tower_alone(tmp_path, adapt, table):
    adapt("CLIPModel")
    path = tmp_path / "lora/adapter_model.safetensors"
    save_file({n: t for n, t in load_file(path).items() if "text_model" in n}, path)
    with pytest.raises(InputError, match="nothing for the vision tower"):
        load(table, tmp_path)


@pytest.mark.parametrize("missing", ["adapter_config.json", "adapter_model.safetensors"])
def test_a_folder_that_lacks_a_file(tmp_path, adapt, table, missing):
    adapt()
    (tmp_path / "lora" / missing).unlink()
    with pytest.raises(InputError, match=missing):
        load(table, tmp_path)


def test_no_folder(tmp_path, adapt, table):
    adapt()
    with pytest.raises(InputError, match=r"LoRA folder .* does not exist"):
        load(table | {"lora": "elsewhere"}, tmp_path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"peft_type": "IA3"}, "'IA3'"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights = 'pissa'"),
        ({"megatron_config": {"a": 1}, "megatron_core": "evil"}, "megatron_config"),
        ({"layer_replication": [[0, 1]]}, "layer_replication"),
    ],
)
def test_what_is_no_plain_sum_is_refused(tmp_path, adapt, table, fields, words):
    adapt()
    path = tmp_path / "lora/adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    with pytest.raises(InputError, match=words):
        load(table, tmp_path)


def test_nan_and_pickles_in_an_adapter(tmp_path, adapt, table, write_bomb):
    adapt()
    path = tmp_path / "lora/adapter_model.safetensors"
    weights = load_file(path)
    next(iter(weights.values()))[0] = float("nan")
    save_file(weights, path)
    with pytest.raises(InputError, match="NaN"):
        load(table, tmp_path)
    path.unlink()
    mark = write_bomb(tmp_path / "lora/adapter_model.bin")
    with pytest.raises(InputError, match="pickled objects"):
        load(table, tmp_path)
    assert not mark.exists()
