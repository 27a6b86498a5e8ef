"""The stored teacher, read the way open_clip's users read a local folder."""

import json

import numpy as np
import pytest
import torch
from open_clip.model import _build_vision_tower
from PIL import Image
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score

from edgekit.sample import TEACHER_FOLDER
from edgekit.sample.dataset import make_dataset
from edgekit.sample.decoders import DESIGNS, UNSEEN


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """Fake score of each test image, by slice (`real` is one)."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    make_dataset(folder, crops={"train": 0, "calibration": 0, "validation": 0, "test": 160})
    model, preprocess = read_teacher()
    test = folder / "test"
    places = {"real": test / "real"} | {name: test / "fake" / name for name in DESIGNS}
    return {name: score(model, preprocess, place) for name, place in places.items()}


def read_teacher():
    config = json.loads((TEACHER_FOLDER / "open_clip_config.json").read_text())
    model = config["model_cfg"]
    tower = _build_vision_tower(model["embed_dim"], model["vision_cfg"], model["quick_gelu"])
    weights = load_file(TEACHER_FOLDER / "open_clip_model.safetensors")
    tower.load_state_dict({key.removeprefix("visual."): w for key, w in weights.items()})
    head = torch.nn.Linear(model["embed_dim"], 2)
    head.load_state_dict(load_file(TEACHER_FOLDER / "head.safetensors"))
    return torch.nn.Sequential(tower, head).eval(), config["preprocess_cfg"]


@torch.no_grad()
def score(model, preprocess, folder):
    pixels = np.stack([np.asarray(Image.open(file)) for file in sorted(folder.glob("*.jpg"))])
    images = (pixels.astype(np.float32) / 255 - preprocess["mean"]) / preprocess["std"]
    batches = torch.from_numpy(images).float().permute(0, 3, 1, 2).split(96)
    logits = torch.cat([model(batch) for batch in batches])
    return (logits[:, 1] - logits[:, 0]).numpy()


def auc(real, fake):
    labels = np.repeat([0, 1], [len(real), len(fake)])
    return roc_auc_score(labels, np.concatenate([real, fake]))


def test_the_teacher_tells_seen_decoders_from_held_out_photographs(scores):
    seen = np.concatenate([scores[name] for name in DESIGNS if name != UNSEEN])
    assert auc(scores["real"], seen) >= 0.97


def test_the_test_split_is_large_enough(scores):
    assert len(scores["real"]) >= 300
    assert all(len(scores[name]) >= 100 for name in DESIGNS)


def test_the_unseen_decoder_is_above_chance_by_far(scores):
    assert auc(scores["real"], scores[UNSEEN]) > 0.9


def test_weights_carry_open_clip_names_and_the_head_two_classes():
    weights = load_file(TEACHER_FOLDER / "open_clip_model.safetensors")
    assert all(key.startswith("visual.") for key in weights)
    head = load_file(TEACHER_FOLDER / "head.safetensors")
    assert head["weight"].shape == (2, 128)
    assert head["bias"].shape == (2,)
