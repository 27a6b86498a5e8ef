"""Tiny models in the formats that people have, made by the libraries that define them."""

import json
import os
import pickle
import warnings
from pathlib import Path

import pytest
import skimage.data
import torch
from PIL import Image
from safetensors.torch import save_file

from edgekit.preprocess import preprocess

LABELS = {"classes": ["real", "fake"], "positive": "fake", "threshold": 0.4}
TOWER = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8}
TEXT = {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1}
PREPROCESS = {
    "mean": [0.4, 0.45, 0.5],
    "std": [0.2, 0.25, 0.3],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
HF_TOWER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "projection_dim": 16,
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """Threads that wait for each other on a busy machine are slower than one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def labels():
    return dict(LABELS)


@pytest.fixture(scope="session")
def photo():
    return Image.fromarray(skimage.data.astronaut()).crop((0, 0, 500, 391))


@pytest.fixture(scope="session")
def see(photo):
    """Run a Detector on the photograph, as the rest of edgekit does."""

    def run(detector):
        rule = detector.signature.inputs[0].preprocessing
        return detector.logits((preprocess(photo, rule),))

    return run


def _stir(model):
    """Make every weight count: fresh ones are so small that a wrong activation hardly shows."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)


@pytest.fixture
def write_head():
    def write(path, width, classes=2, prefix="", seed=1):
        generator = torch.Generator().manual_seed(seed)
        weight = torch.randn(classes, width, generator=generator)
        bias = torch.randn(classes, generator=generator)
        save_file({f"{prefix}weight": weight, f"{prefix}bias": bias}, path)
        return weight, bias

    return write


@pytest.fixture
def write_open_clip():
    """Write a folder in open_clip's local format; return the model."""
    import open_clip

    def write(folder, quick_gelu=False, preprocess_cfg=None, vision_cfg=None, seed=0):
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(seed)
        config = {"embed_dim": 16, "vision_cfg": {**TOWER, **(vision_cfg or {})}, "text_cfg": TEXT}
        if quick_gelu:
            config["quick_gelu"] = True
        model = open_clip.CLIP(**config).eval()
        _stir(model)
        whole = {"model_cfg": config, "preprocess_cfg": PREPROCESS | (preprocess_cfg or {})}
        (folder / "open_clip_config.json").write_text(json.dumps(whole))
        save_file(model.state_dict(), folder / "open_clip_model.safetensors")
        return model

    return write


@pytest.fixture
def write_hugging_face():
    """Write a CLIP folder with transformers' own `save_pretrained`; return the model."""
    import transformers

    def write(folder, kind="CLIPVisionModelWithProjection", processor=None, **changes):
        torch.manual_seed(0)
        config = transformers.CLIPVisionConfig(**{**HF_TOWER, **changes})
        if kind == "CLIPModel":
            text = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
            text |= {"num_attention_heads": 2, "vocab_size": 64, "max_position_embeddings": 8}
            text |= {"bos_token_id": 1, "eos_token_id": 2}
            vision = config.to_dict()
            config = transformers.CLIPConfig(
                text_config=text, vision_config=vision, projection_dim=16
            )
        model = getattr(transformers, kind)(config).eval()
        _stir(model)
        model.save_pretrained(folder)
        size = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32}}
        images = transformers.CLIPImageProcessor(**{**size, **(processor or {})})
        images.save_pretrained(folder)
        return model

    return write


@pytest.fixture
def write_bomb(tmp_path):
    """Write a pickle that leaves a mark when it is loaded; return where the mark would be."""

    class Bomb:
        def __init__(self, mark):
            self.mark = mark

        def __reduce__(self):
            return os.system, (f"touch {self.mark}",)

    def write(path, wrap=None):
        mark = tmp_path / "it-ran"
        bomb = Bomb(mark)
        if path.suffix == ".pickle" or wrap is None:
            Path(path).write_bytes(pickle.dumps({"weight": bomb}))
        else:
            wrap(bomb, path)
        return mark

    return write


@pytest.fixture(autouse=True)
def _library_warnings():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="open_clip|timm|transformers|peft")
        yield
