import json
import shutil
import time

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import load_file, save_file

from edgekit.detectors.detector import save_detector
from edgekit.detectors.open_clip_tower import Tower, widths_of
from edgekit.detectors.registry import load_detector, open_detector
from edgekit.errors import InputError
from edgekit.preprocess import preprocess


@pytest.fixture
def table(labels):
    return {"kind": "open_clip", "model": "clip", "head": "head.safetensors", **labels}


@pytest.fixture
def clip(tmp_path, write_open_clip, write_head):
    model = write_open_clip(tmp_path / "clip")
    write_head(tmp_path / "head.safetensors", 16)
    return model


def load(table, base):
    return load_detector(table, base, "[teacher] of edgekit.toml")


def expected(folder, photo, head):
    """The same answer by open_clip's own loader and transform."""
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    with torch.no_grad():
        features = model.eval().encode_image(transform(photo)[None])
    weights = load_file(head)
    return (features @ weights["weight"].T + weights["bias"]).numpy()


def test_a_folder_answers_as_open_clip_does(tmp_path, clip, table, photo, see):
    detector = load(table, tmp_path)
    wanted = expected(tmp_path / "clip", photo, tmp_path / "head.safetensors")
    np.testing.assert_allclose(see(detector), wanted, atol=1e-4)
    assert detector.signature.threshold == 0.4
    assert detector.signature.inputs[0].preprocessing.mean == (0.4, 0.45, 0.5)


@pytest.mark.parametrize("quick", [False, True])
def test_the_activation_comes_from_the_config(
    tmp_path, write_open_clip, write_head, table, photo, see, quick
):
    write_open_clip(tmp_path / "clip", quick_gelu=quick)
    write_head(tmp_path / "head.safetensors", 16)
    detector = load(table, tmp_path)
    wanted = expected(tmp_path / "clip", photo, tmp_path / "head.safetensors")
    np.testing.assert_allclose(see(detector), wanted, atol=1e-4)
    other = load(table | {"activation": "gelu" if quick else "quick_gelu"}, tmp_path)
    assert np.abs(see(other) - see(detector)).max() > 1e-3


@pytest.mark.parametrize(
    ("mode", "height"),
    [
        ("shortest", 391),
        ("squash", 391),
        ("longest", 375),
        ("longest", 391),
    ],
)
@pytest.mark.parametrize("kernel", ["bicubic", "bilinear"])
def test_pixels_are_those_of_the_own_transform(
    tmp_path, write_open_clip, write_head, table, photo, mode, height, kernel
):
    photo = photo.crop((0, 0, 500, height))
    changes = {"resize_mode": mode, "interpolation": kernel}
    write_open_clip(tmp_path / "clip", preprocess_cfg=changes)
    write_head(tmp_path / "head.safetensors", 16)
    rule = load(table, tmp_path).signature.inputs[0].preprocessing
    *_, transform = open_clip.create_model_and_transforms(f"local-dir:{tmp_path / 'clip'}")
    np.testing.assert_allclose(preprocess(photo, rule)[0], transform(photo).numpy(), atol=1e-5)


def test_a_torch_checkpoint_of_parallel_training_is_the_same(tmp_path, clip, table, see):
    wanted = see(load(table, tmp_path))
    weights = {f"module.{name}": value for name, value in clip.state_dict().items()}
    (tmp_path / "clip/open_clip_model.safetensors").unlink()
    torch.save({"state_dict": weights}, tmp_path / "clip/open_clip_pytorch_model.bin")
    np.testing.assert_array_equal(see(load(table, tmp_path)), wanted)


def test_a_head_is_read_under_any_names(tmp_path, clip, table, see, write_head):
    wanted = see(load(table, tmp_path))
    write_head(tmp_path / "fc.safetensors", 16, prefix="fc.")
    np.testing.assert_array_equal(see(load(table | {"head": "fc.safetensors"}, tmp_path)), wanted)


def test_the_feature_is_the_one_that_fits_the_head(tmp_path, clip, table, write_head):
    write_head(tmp_path / "pooled.safetensors", 32)
    assert load(table, tmp_path).architecture["feature"] == "projection"
    pooled = load(table | {"head": "pooled.safetensors"}, tmp_path)
    assert pooled.architecture["feature"] == "pooled"
    assert pooled.model.embed(torch.zeros(1, 3, 32, 32)).shape == (1, 32)


def test_the_projection_is_taken_when_both_fit(tmp_path, write_open_clip, write_head, table):
    write_open_clip(tmp_path / "clip", vision_cfg={"width": 16, "head_width": 8})
    write_head(tmp_path / "head.safetensors", 16)
    assert load(table, tmp_path).architecture["feature"] == "projection"
    chosen = load(table | {"feature": "pooled"}, tmp_path)
    assert chosen.architecture["feature"] == "pooled"


@pytest.mark.parametrize("width", [16, 32])
def test_it_is_saved_and_opened_again(tmp_path, clip, table, see, write_head, width):
    write_head(tmp_path / "head.safetensors", width)
    detector = load(table, tmp_path)
    save_detector(detector, tmp_path / "saved")
    again = open_detector(tmp_path / "saved")
    np.testing.assert_array_equal(see(again), see(detector))
    assert again.signature == detector.signature


def test_a_single_logit_is_the_positive_class(tmp_path, clip, table, see, write_head):
    write_head(tmp_path / "head.safetensors", 16, classes=1)
    assert see(load(table, tmp_path)).shape == (1, 1)


def test_towers_of_timm_and_resnets_serve_too(tmp_path, write_open_clip, write_head, table, see):
    timm = {"timm_model_name": "test_vit", "timm_pool": "token", "timm_proj": "linear"}
    write_open_clip(tmp_path / "clip", vision_cfg={**timm, "image_size": 160})
    write_head(tmp_path / "head.safetensors", 16)
    assert load(table, tmp_path).architecture["feature"] == "projection"
    write_head(tmp_path / "head.safetensors", 64)
    assert load(table, tmp_path).architecture["feature"] == "pooled"
    write_open_clip(tmp_path / "rn", vision_cfg={"layers": [1, 1, 1, 1], "width": 8})
    write_head(tmp_path / "head.safetensors", 16)
    assert see(load(table | {"model": "rn"}, tmp_path)).shape == (1, 2)


@pytest.fixture
def named(tmp_path, clip):
    """Make open_clip know the tiny architecture by a name; only the weights lie in `plain`."""
    config = json.loads((tmp_path / "clip/open_clip_config.json").read_text())["model_cfg"]
    (tmp_path / "EdgeKit-Tiny.json").write_text(json.dumps(config | {"quick_gelu": True}))
    open_clip.add_model_config(tmp_path / "EdgeKit-Tiny.json")
    (tmp_path / "plain").mkdir()
    shutil.copy(
        tmp_path / "clip/open_clip_model.safetensors", tmp_path / "plain/weights.safetensors"
    )
    return {"model": "EdgeKit-Tiny", "checkpoint": "plain/weights.safetensors"}


def test_a_name_gives_the_shape_and_nothing_more(tmp_path, table, named):
    with pytest.raises(InputError, match="activation, image_size, mean, std, resize"):
        load(table | named, tmp_path)
    stated = {"activation": "gelu", "image_size": 32, "std": [1, 1, 1], "resize": "squash"}
    with pytest.raises(InputError, match="write mean in the settings"):
        load(table | named | stated, tmp_path)


def test_a_name_with_everything_stated_equals_the_folder(tmp_path, table, named, see):
    stated = {"activation": "gelu", "image_size": 32, "resize": "shortest"}
    stated |= {"mean": [0.4, 0.45, 0.5], "std": [0.2, 0.25, 0.3]}
    detector = load(table | named | stated, tmp_path)
    np.testing.assert_array_equal(see(detector), see(load(table, tmp_path)))


def test_the_config_beside_a_checkpoint_goes_before_the_name(tmp_path, table, named, see):
    shutil.copy(tmp_path / "clip/open_clip_config.json", tmp_path / "plain")
    detector = load(table | named, tmp_path)
    assert detector.architecture["quick_gelu"] is False
    np.testing.assert_array_equal(see(detector), see(load(table, tmp_path)))


def test_a_name_without_a_checkpoint(tmp_path, table, named):
    with pytest.raises(InputError, match="architecture without weights"):
        load(table | {"model": "EdgeKit-Tiny"}, tmp_path)


def test_an_unknown_architecture_names_the_nearest(tmp_path, clip, table):
    with pytest.raises(InputError, match="ViT-L-14"):
        load(table | {"model": "ViT-L14", "checkpoint": "x.safetensors"}, tmp_path)


@pytest.mark.parametrize("name", ["hf-hub:edgekit-tests/no-such", "edgekit-tests/no-such"])
def test_a_hub_id_that_cannot_be_had_fails_soon(tmp_path, clip, table, name):
    start = time.monotonic()
    with pytest.raises(InputError, match=r"no-such.* cannot be had from the Hugging Face hub"):
        load(table | {"model": name}, tmp_path)
    assert time.monotonic() - start < 20


def test_a_config_that_does_not_fit_names_the_first_weight(tmp_path, clip, table):
    path = tmp_path / "clip/open_clip_config.json"
    config = json.loads(path.read_text())
    config["model_cfg"]["vision_cfg"]["patch_size"] = 16
    path.write_text(json.dumps(config))
    shapes = r"'positional_embedding' has shape \(17, 32\), the config asks for \(5, 32\).*image"
    with pytest.raises(InputError, match=shapes):
        load(table, tmp_path)


def test_a_head_of_another_dimension(tmp_path, clip, table, write_head):
    write_head(tmp_path / "head.safetensors", 24)
    with pytest.raises(InputError, match=r"reads 24 values.*projection 16, pooled 32"):
        load(table, tmp_path)
    write_head(tmp_path / "head.safetensors", 32)
    with pytest.raises(InputError, match="'projection' is asked for"):
        load(table | {"feature": "projection"}, tmp_path)


def test_a_head_of_other_classes(tmp_path, clip, table, write_head):
    write_head(tmp_path / "head.safetensors", 16, classes=5)
    with pytest.raises(InputError, match=r"shape \(5, 16\), 2 classes need"):
        load(table, tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"positive": "spoof"}, {"threshold": 2}, {"classes": ["real"]}, {"quick_gelu": True}]
)
def test_labels_that_do_not_fit(tmp_path, clip, table, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        load(table | wrong, tmp_path)


def test_images_that_a_signature_cannot_describe(tmp_path, write_open_clip, write_head, table):
    write_open_clip(tmp_path / "clip", vision_cfg={"image_size": [32, 48]})
    write_head(tmp_path / "head.safetensors", 16)
    with pytest.raises(InputError, match="cannot be made by resize 'shortest'"):
        load(table, tmp_path)
    assert load(table | {"resize": "squash"}, tmp_path).signature.inputs[0].shape == (1, 3, 32, 48)


@pytest.mark.parametrize("missing", ["open_clip_config.json", "open_clip_model.safetensors"])
def test_a_folder_that_lacks_a_file(tmp_path, clip, table, missing):
    (tmp_path / "clip" / missing).unlink()
    with pytest.raises(InputError, match=missing):
        load(table, tmp_path)


def test_a_checkpoint_without_a_vision_tower(tmp_path, clip, table):
    save_file({"text.weight": torch.zeros(2)}, tmp_path / "clip/open_clip_model.safetensors")
    with pytest.raises(InputError, match="no vision tower"):
        load(table, tmp_path)


def test_a_config_that_open_clip_refuses(tmp_path, clip, table):
    path = tmp_path / "clip/open_clip_config.json"
    config = json.loads(path.read_text())
    config["model_cfg"]["vision_cfg"]["no_such_key"] = 1
    path.write_text(json.dumps(config))
    with pytest.raises(InputError, match="no_such_key"):
        load(table, tmp_path)
    path.write_text("{}")
    with pytest.raises(InputError, match="no model_cfg"):
        load(table, tmp_path)


def test_the_vision_tower_of_vit_l_14_has_its_known_widths():
    config = open_clip.get_model_config("ViT-L-14")
    tower = Tower(embed_dim=config["embed_dim"], vision_cfg=config["vision_cfg"])
    assert widths_of(tower) == {"projection": 768, "pooled": 1024}


@pytest.mark.slow
def test_vit_l_14_at_full_size(tmp_path, table, write_head, see):
    config = open_clip.get_model_config("ViT-L-14")
    model = open_clip.create_model("ViT-L-14").eval()
    (tmp_path / "clip").mkdir()
    save_file(model.state_dict(), tmp_path / "clip/open_clip_model.safetensors")
    stated = {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]}
    whole = {"model_cfg": config, "preprocess_cfg": stated}
    (tmp_path / "clip/open_clip_config.json").write_text(json.dumps(whole))
    weight, bias = write_head(tmp_path / "head.safetensors", 768)
    detector = load(table, tmp_path)
    image = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        wanted = model.encode_image(image) @ weight.T + bias
    np.testing.assert_allclose(detector.logits((image.numpy(),)), wanted.numpy(), atol=1e-4)
