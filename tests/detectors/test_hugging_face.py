import json
import time

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from edgekit.detectors.detector import save_detector
from edgekit.detectors.registry import load_detector, open_detector
from edgekit.errors import InputError
from edgekit.preprocess import preprocess

KINDS = ("CLIPModel", "CLIPVisionModel", "CLIPVisionModelWithProjection")


@pytest.fixture
def table(labels):
    return {"kind": "hugging_face", "model": "clip", "head": "head.safetensors", **labels}


@pytest.fixture
def clip(tmp_path, write_hugging_face, write_head):
    model = write_hugging_face(tmp_path / "clip")
    write_head(tmp_path / "head.safetensors", 16)
    return model


def load(table, base):
    return load_detector(table, base, "[teacher] of edgekit.toml")


def embed(model, pixels):
    """The same embedding by transformers' own forward: projected where there is a projection."""
    with torch.no_grad():
        if isinstance(model, transformers.CLIPModel):
            return model.get_image_features(pixels).pooler_output
        output = model(pixels)
    return output.image_embeds if "image_embeds" in output else output.pooler_output


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_every_kind_of_folder_answers_as_transformers_does(
    tmp_path, write_hugging_face, write_head, table, photo, see, kind, activation
):
    model = write_hugging_face(tmp_path / "clip", kind, hidden_act=activation)
    width = 32 if kind == "CLIPVisionModel" else 16
    weight, bias = write_head(tmp_path / "head.safetensors", width)
    detector = load(table, tmp_path)
    pixels = torch.from_numpy(preprocess(photo, detector.signature.inputs[0].preprocessing))
    wanted = embed(model, pixels) @ weight.T + bias
    np.testing.assert_allclose(see(detector), wanted.numpy(), atol=1e-5)


def test_the_activation_comes_from_the_config(tmp_path, clip, table, see):
    before = see(load(table, tmp_path))
    path = tmp_path / "clip/config.json"
    path.write_text(path.read_text().replace("quick_gelu", "gelu"))
    assert np.abs(see(load(table, tmp_path)) - before).max() > 1e-3


@pytest.mark.parametrize(
    "processor",
    [
        {},
        {"resample": 2},
        {"size": {"height": 32, "width": 32}, "do_center_crop": False},
        {"rescale_factor": 1 / 127.5, "image_mean": [1, 1, 1], "image_std": [1, 1, 1]},
        {"do_rescale": False, "do_normalize": False},
        {"size": {"shortest_edge": 32}},
    ],
)
def test_pixels_are_those_of_the_own_processor(
    tmp_path, write_hugging_face, write_head, table, photo, processor
):
    write_hugging_face(tmp_path / "clip", processor=processor)
    write_head(tmp_path / "head.safetensors", 16)
    rule = load(table, tmp_path).signature.inputs[0].preprocessing
    own = transformers.CLIPImageProcessorPil.from_pretrained(tmp_path / "clip")
    wanted = np.asarray(own(images=photo, return_tensors="np")["pixel_values"])
    np.testing.assert_allclose(preprocess(photo, rule), wanted, rtol=1e-5, atol=1e-5)


def test_the_torch_processor_differs_by_its_rounding_alone(tmp_path, clip, table, photo):
    rule = load(table, tmp_path).signature.inputs[0].preprocessing
    own = transformers.CLIPImageProcessor.from_pretrained(tmp_path / "clip")
    wanted = own(images=photo, return_tensors="np")["pixel_values"]
    assert np.abs(preprocess(photo, rule) - wanted).max() < 2 / 255 / min(rule.std)


def test_old_names_and_the_old_counter_are_understood(
    tmp_path, write_hugging_face, table, see, write_head
):
    write_hugging_face(tmp_path / "clip", "CLIPVisionModel")
    write_head(tmp_path / "head.safetensors", 32)
    wanted = see(load(table, tmp_path))
    path = tmp_path / "clip/model.safetensors"
    old = {f"vision_model.{name}": tensor for name, tensor in load_file(path).items()}
    old["vision_model.embeddings.position_ids"] = torch.arange(17)[None]
    path.unlink()
    torch.save(old, tmp_path / "clip/pytorch_model.bin")
    np.testing.assert_array_equal(see(load(table, tmp_path)), wanted)


@pytest.mark.parametrize("width", [16, 32])
def test_it_is_saved_and_opened_again(tmp_path, clip, table, see, write_head, width):
    write_head(tmp_path / "head.safetensors", width)
    detector = load(table, tmp_path)
    save_detector(detector, tmp_path / "saved")
    np.testing.assert_array_equal(see(open_detector(tmp_path / "saved")), see(detector))


def test_its_program_can_be_exported(tmp_path, clip, table):
    detector = load(table, tmp_path)
    program = torch.export.export(detector.model, detector.example())
    image = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(program.module()(image), detector.model(image))


@pytest.mark.parametrize("name", ["hf-hub:edgekit-tests/no-such", "edgekit-tests/no-such"])
def test_a_hub_id_that_cannot_be_had_fails_soon(tmp_path, clip, table, name):
    start = time.monotonic()
    with pytest.raises(InputError, match=r"no-such.* cannot be had from the Hugging Face hub"):
        load(table | {"model": name}, tmp_path)
    assert time.monotonic() - start < 20


def test_remote_code_cannot_even_be_asked_for(tmp_path, clip, table):
    with pytest.raises(InputError, match="trust_remote_code"):
        load(table | {"trust_remote_code": True}, tmp_path)
    path = tmp_path / "clip/config.json"
    config = json.loads(path.read_text()) | {"auto_map": {"AutoModel": "evil.Evil"}}
    path.write_text(json.dumps(config))
    (tmp_path / "clip/evil.py").write_text(f"open({str(tmp_path / 'it-ran')!r}, 'w')")
    load(table, tmp_path)
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.parametrize(
    "missing", ["config.json", "preprocessor_config.json", "model.safetensors"]
)
def test_a_folder_that_lacks_a_file(tmp_path, clip, table, missing):
    (tmp_path / "clip" / missing).unlink()
    with pytest.raises(InputError, match=missing):
        load(table, tmp_path)


def test_no_folder(tmp_path, table):
    with pytest.raises(InputError, match=r"model folder .*clip does not exist"):
        load(table, tmp_path)


def change(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hidden_size": 64}, "vision_model.*has shape"),
        ({"model_type": "no_such"}, "model_type 'no_such'"),
        ({"hidden_act": "no_such"}, "no_such"),
        ({"num_attention_heads": 5}, "no CLIP vision config"),
        ({"hidden_size": "wide"}, "no CLIP vision config"),
    ],
)
def test_a_config_that_does_not_fit(tmp_path, clip, table, fields, words, write_head):
    change(tmp_path / "clip/config.json", **fields)
    with pytest.raises(InputError, match=words):
        load(table, tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"do_center_crop": False},
        {"crop_size": {"shortest_edge": 5}},
        {"size": {"longest_edge": 32}},
        {"size": {"height": 40, "width": 40}},
        {"resample": 9},
        {"image_std": [0, 1, 1]},
        {"size": {"shortest_edge": "x"}},
    ],
)
def test_images_that_a_signature_cannot_describe(tmp_path, clip, table, fields):
    change(tmp_path / "clip/preprocessor_config.json", **fields)
    with pytest.raises(InputError):
        load(table, tmp_path)


@pytest.mark.parametrize("key", ["image_mean", "image_std"])
def test_mean_and_std_are_not_guessed(tmp_path, clip, table, key):
    path = tmp_path / "clip/preprocessor_config.json"
    config = json.loads(path.read_text())
    del config[key]
    path.write_text(json.dumps(config))
    with pytest.raises(InputError, match=key):
        load(table, tmp_path)


def test_a_checkpoint_without_a_vision_tower(tmp_path, clip, table):
    save_file({"text_model.x": torch.ones(1)}, tmp_path / "clip/model.safetensors")
    with pytest.raises(InputError, match="no vision tower"):
        load(table, tmp_path)


def test_a_poisoned_checkpoint_does_not_run(tmp_path, clip, table, write_bomb):
    (tmp_path / "clip/model.safetensors").unlink()
    mark = write_bomb(tmp_path / "clip/pytorch_model.bin")
    with pytest.raises(InputError, match="pickled objects"):
        load(table, tmp_path)
    assert not mark.exists()
