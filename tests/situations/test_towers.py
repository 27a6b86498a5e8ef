"""Vision networks of transformers, open_clip and timm, loaded or refused for what they are.

Every row is a folder that the library itself wrote, with random weights, loaded as `[teacher]` or
`[detector]`; right are the logits of the library's own network on pixels of its own processor.

| situation | command | result before | right value |
|---|---|---|---|
| ViT, DeiT, BEiT, Swin, Swin V2 classifiers | `kind = "hugging_face"` | head is missing | logits within 1e-5 |
| ConvNeXt, ConvNeXt V2, ResNet, RegNet classifiers | `kind = "hugging_face"` | head is missing | logits within 1e-5 |
| MobileNet V1 and V2, MobileViT, EfficientNet, LeViT | `kind = "hugging_face"` | head is missing | logits within 1e-5 |
| DINOv2, with registers, SigLIP, CLIP, FocalNet, PVT v2 | `kind = "hugging_face"` | head is missing | logits within 1e-5 |
| DINOv2, DINOv3 and SigLIP towers with a linear head | `kind = "hugging_face"` | model_type refused | logits within 1e-5 |
| classes in another order than id2label | `edgekit calibrate` | head is missing | refused, names both orders |
| another number of classes | `edgekit calibrate` | head is missing | refused, names both numbers |
| DeiT's processor (squashed to 256, cropped to 224) | `edgekit calibrate` | head is missing | refused: no fixed size |
| SigLIP 2 with NaFlex | `edgekit calibrate` | model_type refused | refused: takes patches |
| a network with code of its own (EVA-CLIP) | `edgekit calibrate` | model_type refused | refused: code is never run |
| a segmentation network | `edgekit calibrate` | model_type refused | refused: no image classifier |
| timm in Hugging Face's format | `edgekit calibrate` | model_type refused | points to kind timm |
| MobileCLIP's tower in open_clip | `kind = "open_clip"` | loaded | logits within 1e-5 |
| EVA02's and SigLIP's tower in open_clip | `kind = "open_clip"` | loaded | logits within 1e-5 |
| a student by a hub id | `[student]` | unknown, "check the name" | says what to write |
| a student with an unknown tag | `[student]` | traceback | names the nearest tags |
| a student with `num_classes = 0` or `pretrained` | `[student]` | "remove it" | says why and what to do |
"""
# ruff: noqa: E501 (the table)

import json

import numpy as np
import open_clip
import pytest
import skimage.data
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file

from edgekit.detectors.detector import save_detector
from edgekit.detectors.registry import load_detector, open_detector
from edgekit.detectors.timm import new_student
from edgekit.errors import InputError
from edgekit.preprocess import preprocess
from edgekit.signature import Preprocessing, Signature, image_input

LABELS = {"classes": ["real", "fake"], "positive": "fake"}
NAMES = {"id2label": {0: "real", 1: "fake"}, "label2id": {"real": 0, "fake": 1}}
VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 8,
}
TEXT = {**VIT, "vocab_size": 16}
STAGES = {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]}
SWIN = {"image_size": 32, "patch_size": 4, "embed_dim": 16, "window_size": 4}
SWIN |= {"depths": [1, 1], "num_heads": [2, 2]}
SQUASH = {"size": {"height": 32, "width": 32}}
CROP = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32}}
CONVNEXT = {"size": {"shortest_edge": 32}, "crop_pct": 0.875}
LEVIT = {"size": {"shortest_edge": 56}, "crop_size": {"height": 64, "width": 64}}
MOBILEVIT = {
    "image_size": 64,
    "hidden_sizes": [16, 24, 32],
    "neck_hidden_sizes": [8, 8, 16, 16, 16, 16, 32],
    "num_attention_heads": 2,
}
# Architecture: its config, its processor, that one's settings.
CLASSIFIERS = {
    "ViT": (VIT | {"hidden_act": "gelu_pytorch_tanh"}, "ViT", SQUASH),
    "DeiT": (VIT | {"hidden_act": "quick_gelu"}, "ViT", SQUASH | {"resample": 3}),
    "Beit": (VIT, "Beit", SQUASH),
    "Swin": (SWIN, "ViT", SQUASH),
    "Swinv2": (SWIN, "ViT", SQUASH),
    "ConvNext": (STAGES, "ConvNext", CONVNEXT),
    "ConvNextV2": (STAGES, "ConvNext", CONVNEXT),
    "ResNet": (
        {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"},
        "ConvNext",
        {"size": {"shortest_edge": 384}},
    ),
    "RegNet": (
        {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "groups_width": 4},
        "ConvNext",
        CONVNEXT,
    ),
    "MobileNetV1": ({"image_size": 32, "depth_multiplier": 0.25}, "MobileNetV1", CROP),
    "MobileNetV2": ({"image_size": 32, "depth_multiplier": 0.35}, "MobileNetV2", CROP),
    "MobileViT": (
        MOBILEVIT,
        "MobileViT",
        {"size": {"shortest_edge": 72}, "crop_size": {"height": 64, "width": 64}},
    ),
    "EfficientNet": (
        {"image_size": 32, "width_coefficient": 0.25, "depth_coefficient": 0.2, "hidden_dim": 320},
        "EfficientNet",
        SQUASH,
    ),
    "Levit": (
        {
            "image_size": 64,
            "hidden_sizes": [16, 32, 48],
            "num_attention_heads": [1, 2, 3],
            "depths": [1, 1, 1],
            "key_dim": [8, 8, 8],
        },
        "Levit",
        LEVIT,
    ),
    "Dinov2": (VIT, "Bit", CROP),
    "Dinov2WithRegisters": (VIT, "Bit", CROP),
    "Siglip": ({"vision_config": VIT, "text_config": TEXT}, "Siglip", SQUASH),
    "CLIP": ({"vision_config": VIT, "text_config": TEXT}, "CLIP", CROP),
    "FocalNet": (
        {
            "image_size": 32,
            "embed_dim": 16,
            "depths": [1, 1],
            "focal_levels": [1, 1],
            "focal_windows": [3, 3],
        },
        "Bit",
        CROP,
    ),
    "PvtV2": (STAGES | {"image_size": 32, "num_attention_heads": [1, 1, 1, 1]}, "Pvt", SQUASH),
}


@pytest.fixture(scope="module")
def photo():
    """Its sides are such that no crop lies between two pixels."""
    return Image.fromarray(skimage.data.astronaut()).crop((0, 0, 500, 400))


def stirred(model):
    """Make every weight count, the averages of batch norms included."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    return model.eval()


def write_classifier(folder, name):
    config, processor, images = CLASSIFIERS[name]
    made = getattr(transformers, f"{name}Config")(**config, **NAMES)
    model = stirred(getattr(transformers, f"{name}ForImageClassification")(made))
    model.save_pretrained(folder)
    getattr(transformers, f"{processor}ImageProcessor")(**images).save_pretrained(folder)
    return model


def own_pixels(folder, photo):
    config = json.loads((folder / "preprocessor_config.json").read_text())
    own = getattr(transformers, config["image_processor_type"].removesuffix("Fast") + "Pil")
    images = own.from_pretrained(folder)(images=photo, return_tensors="np")["pixel_values"]
    return torch.tensor(np.asarray(images))


def load(table, base):
    return load_detector({**table, **LABELS}, base, "[detector]")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_answers_as_transformers_does(tmp_path, photo, name):
    model = write_classifier(tmp_path / "m", name)
    detector = load({"kind": "hugging_face", "model": "m"}, tmp_path)
    pixels = preprocess(photo, detector.signature.inputs[0].preprocessing)
    own = own_pixels(tmp_path / "m", photo)
    np.testing.assert_allclose(pixels, own.numpy(), atol=2e-5)
    with torch.no_grad():
        wanted = model(own).logits.numpy()
    np.testing.assert_allclose(detector.logits((pixels,)), wanted, atol=1e-5)
    save_detector(detector, tmp_path / "saved")
    again = open_detector(tmp_path / "saved").logits((pixels,))
    np.testing.assert_array_equal(again, detector.logits((pixels,)))


TOWERS = {
    "SiglipVisionModel": ("SiglipVisionConfig", VIT, "Siglip"),
    "SiglipModel": ("SiglipConfig", {"vision_config": VIT, "text_config": TEXT}, "Siglip"),
    "Dinov2Model": ("Dinov2Config", VIT, "ViT"),
    "Dinov2WithRegistersModel": ("Dinov2WithRegistersConfig", VIT, "ViT"),
    "DINOv3ViTModel": ("DINOv3ViTConfig", VIT, "DINOv3ViT"),
    "DINOv3ConvNextModel": (
        "DINOv3ConvNextConfig",
        {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1]},
        "DINOv3ViT",
    ),
}


@pytest.mark.parametrize("name", TOWERS)
def test_a_tower_with_a_head_answers_as_transformers_does(tmp_path, name):
    config, fields, processor = TOWERS[name]
    model = stirred(getattr(transformers, name)(getattr(transformers, config)(**fields)))
    model.save_pretrained(tmp_path / "m")
    own = getattr(transformers, f"{processor}ImageProcessor")(**SQUASH)
    own.save_pretrained(tmp_path / "m")
    head = write_head(tmp_path, 32)
    detector = load({"kind": "hugging_face", "model": "m", "head": "h.safetensors"}, tmp_path)
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        asked = model.get_image_features if name == "SiglipModel" else model
        wanted = asked(pixel_values=image).pooler_output.flatten(1) @ head["weight"].T
    np.testing.assert_allclose(detector.logits((image.numpy(),)), wanted.numpy(), atol=1e-5)
    save_detector(detector, tmp_path / "saved")
    assert open_detector(tmp_path / "saved").architecture == detector.architecture


def write_head(folder, width):
    torch.manual_seed(2)
    head = {"weight": torch.randn(2, width), "bias": torch.zeros(2)}
    save_file(head, folder / "h.safetensors")
    return head


PROJECT = """
[project]
name = "towers"

[detector]
kind = "hugging_face"
model = "m"
classes = ["real", "fake"]
positive = "fake"

[data]
calibration = "data/calibration"
test = "data/test"

[targets.x86]
"""


def change(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def other_order(folder):
    write_classifier(folder, "ViT")
    labels = {"id2label": {"0": "fake", "1": "real"}, "label2id": {"fake": 0, "real": 1}}
    change(folder / "config.json", **labels)


def more_classes(folder):
    write_classifier(folder, "ViT")
    change(folder / "config.json", id2label={"0": "a", "1": "b", "2": "c"}, label2id={})


def deits_processor(folder):
    write_classifier(folder, "ViT")
    transformers.DeiTImageProcessor().save_pretrained(folder)


def of_type(**fields):
    def write(folder):
        write_classifier(folder, "ViT")
        change(folder / "config.json", **fields)

    return write


REFUSED = {
    "order": (other_order, "['fake', 'real'] in this order, the settings name ['real', 'fake']"),
    "count": (more_classes, "has 3 classes (a, b, c), the settings name 2"),
    "deit": (deits_processor, "which gives no fixed image size"),
    "siglip2": (of_type(model_type="siglip2"), "takes patches of images of any shape (NaFlex)"),
    "code": (
        of_type(model_type="evaclip", auto_map={"AutoModel": "evil.Evil"}),
        "brings its own code, which is never run",
    ),
    "segmentation": (
        of_type(model_type="segformer", architectures=["SegformerForSemanticSegmentation"]),
        "a SegformerForSemanticSegmentation, which is no image classifier",
    ),
    "timm": (of_type(model_type="timm_wrapper"), "name it by kind = 'timm'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_for_what_it_is(tmp_path, edgekit, name):
    write, words = REFUSED[name]
    write(tmp_path / "m")
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    for split, image in (("calibration", skimage.data.coffee()), ("test", skimage.data.chelsea())):
        for place, label in enumerate(LABELS["classes"]):
            (tmp_path / "data" / split / label).mkdir(parents=True)
            Image.fromarray(image[place:]).save(tmp_path / "data" / split / label / "1.png")
    answer = edgekit("calibrate", cwd=tmp_path)
    assert answer.code == 2
    assert words in answer.complaint


OPEN_CLIP = {
    "mobileclip": (
        {
            "timm_model_name": "fastvit_mci0",
            "timm_pool": "avg",
            "timm_proj": None,
            "image_size": 64,
        },
        512,
        {"mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear"},
    ),
    "eva02": (
        {"timm_model_name": "eva02_tiny_patch14_224", "timm_pool": "token", "image_size": 224},
        16,
        {"mean": [0.48, 0.45, 0.4], "std": [0.27, 0.26, 0.28], "interpolation": "bicubic"},
    ),
    "siglip": (
        {
            "timm_model_name": "test_vit3",
            "timm_pool": "map",
            "timm_proj": "linear",
            "image_size": 160,
        },
        16,
        {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"},
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("mobileclip", marks=pytest.mark.slow),
        pytest.param("eva02", marks=pytest.mark.slow),
        "siglip",
    ],
)
def test_a_tower_of_open_clip_answers_as_open_clip_does(tmp_path, photo, name):
    vision, width, images = OPEN_CLIP[name]
    text = {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1}
    config = {"embed_dim": width, "vision_cfg": vision, "text_cfg": text}
    (tmp_path / "m").mkdir()
    model = open_clip.CLIP(**config).eval()
    save_file(model.state_dict(), tmp_path / "m/open_clip_model.safetensors")
    whole = {"model_cfg": config, "preprocess_cfg": images}
    (tmp_path / "m/open_clip_config.json").write_text(json.dumps(whole))
    head = write_head(tmp_path, width)
    detector = load({"kind": "open_clip", "model": "m", "head": "h.safetensors"}, tmp_path)
    own, _, transform = open_clip.create_model_and_transforms(f"local-dir:{tmp_path / 'm'}")
    pixels = transform(photo)[None]
    with torch.no_grad():
        wanted = own.eval().encode_image(pixels) @ head["weight"].T
    found = preprocess(photo, detector.signature.inputs[0].preprocessing)
    np.testing.assert_allclose(found, pixels.numpy(), atol=1e-5)
    np.testing.assert_allclose(detector.logits((found,)), wanted.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("hf-hub:timm/resnet18.a1_in1k", {}, "model = 'resnet18.a1_in1k', and checkpoint"),
        ("resnet18.a1_in1", {}, "tag of timm model 'resnet18' 'a1_in1' is unknown.*a1_in1k"),
        ("resnet-18", {}, "Did you mean resnet18"),
        ("test_vit", {"num_classes": 0}, "'num_classes'.*the head gets a logit for each class"),
        ("test_vit", {"pretrained": True}, "'pretrained'.*name a weights file by checkpoint"),
    ],
)
def test_a_student_that_cannot_be_had(name, options, words):
    rule = Preprocessing(size=(64, 64))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    with pytest.raises(InputError, match=words):
        new_student(name, signature, **options)
