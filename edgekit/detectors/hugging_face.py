"""Teachers of Hugging Face: the vision tower of a CLIP folder with a linear head.

`CLIPModel`, `CLIPVisionModel` and `CLIPVisionModelWithProjection` all serve. The network is built
from `config.json` by transformers' own CLIP code and by nothing that the folder brings: remote code
is never trusted. A PEFT LoRA adapter is merged into the weights, so that what follows sees a plain
network.
"""

from pathlib import Path
from typing import Any

import torch

from edgekit.detectors.detector import Detector
from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature, choose_feature, read_head
from edgekit.detectors.hugging_face_images import preprocessing_of
from edgekit.detectors.hugging_face_tower import Tower, build, make_tower, tower_of
from edgekit.detectors.locate import folder_of
from edgekit.detectors.lora import merge_lora
from edgekit.detectors.tables import Labels, View, refuse_grey
from edgekit.detectors.weights import fill, read_weights
from edgekit.errors import InputError
from edgekit.files import read_json

__all__ = ["HuggingFaceSettings", "build", "load"]

_WHERE = "settings of kind hugging_face"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
CONFIGS = ("config.json", "preprocessor_config.json")
_VISION = ("vision_model.", "visual_projection.")
# transformers 5 writes a lone CLIPVisionModel without the prefix that version 4 wrote.
_BARE = ("embeddings.", "encoder.", "pre_layrnorm.", "post_layernorm.")


class HuggingFaceSettings(Labels, View):
    """The table of kind `hugging_face`.

    Attributes:
        model: folder in Hugging Face's format, or hub id.
        head: weights file of the linear head.
        feature: which embedding the head reads; the one whose dimension fits when left out.
        lora: folder of a PEFT LoRA adapter to merge.
    """

    model: str
    head: str
    feature: Feature | None = None
    lora: str | None = None


def load(settings: dict[str, Any], base: Path) -> Detector:
    """Load the vision tower of a Hugging Face CLIP folder with a linear head.

    Args:
        settings: see `HuggingFaceSettings`.
        base: folder that relative paths start from.

    Raises:
        InputError: when a file is missing or damaged, or config, weights, adapter and head do not
            fit.
    """
    wanted = HuggingFaceSettings.parse(settings, _WHERE)
    folder = folder_of(wanted.model, base, (*CONFIGS, *WEIGHTS))
    path = _weights_in(folder)
    weights = _vision(path)
    spec = tower_of(folder / "config.json", "visual_projection.weight" in weights)
    images = folder / "preprocessor_config.json"
    rule = wanted.over(preprocessing_of(read_json(images), images), _WHERE)
    refuse_grey(rule, _WHERE)
    head = read_head(base / wanted.head, len(wanted.classes))
    feature = choose_feature(spec.widths, head, wanted.feature, base / wanted.head)
    tower = make_tower(spec)
    fill(tower, weights, path)
    if wanted.lora:
        merge_lora(tower, base / wanted.lora)
    return Detector(
        Headed(tower.giving(feature), head).eval(),
        wanted.signature(rule, _WHERE),
        _architecture(spec, feature, head.out_features),
    )


def _architecture(spec: Tower, feature: Feature, classes: int) -> dict[str, Any]:
    fields = {**spec.to_json(), "projection": feature == "projection"}
    return {"kind": "hugging_face", **fields, "classes": classes}


def _weights_in(folder: Path) -> Path:
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise InputError(
        f"model folder {folder} holds no weights ({' or '.join(WEIGHTS)})", "Copy them there"
    )


def _vision(path: Path) -> dict[str, torch.Tensor]:
    """Read the vision tower's weights alone, under the names that CLIPModel gives them."""
    weights = read_weights(path, lambda name: name.startswith((*_VISION, *_BARE)))
    if not weights:
        raise InputError(f"weights {path} hold no vision tower", "Name a CLIP checkpoint")
    named = {
        name if name.startswith(_VISION) else f"vision_model.{name}": tensor
        for name, tensor in weights.items()
    }
    # Versions before 4.31 saved this counter, which is no weight.
    named.pop("vision_model.embeddings.position_ids", None)
    return named
