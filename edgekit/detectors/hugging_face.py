"""Detectors of Hugging Face: CLIP's and other vision towers with a linear head, image classifiers.

`CLIPModel`, `CLIPVisionModel` and `CLIPVisionModelWithProjection` all serve. The network is built
from `config.json` by transformers' own code and by nothing that the folder brings: remote code is
never trusted. A PEFT LoRA adapter is merged into CLIP's weights, so that what follows sees a plain
network.
"""

from pathlib import Path

from torch import nn

from edgekit.detectors.detector import Detector
from edgekit.detectors.fill import fill
from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature, choose_feature, read_head
from edgekit.detectors.hugging_face_images import preprocessing_of
from edgekit.detectors.hugging_face_load import Loaded, Source, is_vision, load_network
from edgekit.detectors.hugging_face_network import build_network
from edgekit.detectors.hugging_face_tower import CLIP_TYPES, Tower, make_tower, tower_of
from edgekit.detectors.hugging_face_tower import build as build_clip
from edgekit.detectors.locate import folder_of
from edgekit.detectors.lora import merge_lora
from edgekit.detectors.states import State
from edgekit.detectors.tables import Labels, View, refuse_grey
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import Json

__all__ = ["HuggingFaceSettings", "build", "load"]

_WHERE = "settings of kind hugging_face"
# The safe format first; an index stands for shards, which are read with it.
WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_SHARDS = ("model-*-of-*.safetensors", "pytorch_model-*-of-*.bin")
CONFIGS = ("config.json", "preprocessor_config.json")
_VISION = ("vision_model.", "visual_projection.")
# transformers 5 writes a lone CLIPVisionModel without the prefix that version 4 wrote.
_BARE = ("embeddings.", "encoder.", "pre_layrnorm.", "post_layernorm.")


class HuggingFaceSettings(Labels, View):
    """The table of kind `hugging_face`.

    Attributes:
        model: folder in Hugging Face's format, or hub id.
        weights_key: which weights to take where the file holds several.
        head: weights file of the linear head; left out for an image classifier, which has its own.
        feature: which embedding the head reads; the one whose dimension fits when left out.
        lora: folder of a PEFT LoRA adapter to merge.
    """

    model: str
    weights_key: str | None = None
    head: str | None = None
    feature: Feature | None = None
    lora: str | None = None


def build(architecture: Json) -> nn.Module:
    """Build the network without its weights, in eval mode.

    Raises:
        InputError: when transformers refuses the architecture.
    """
    return build_network(architecture) if "task" in architecture else build_clip(architecture)


def load(settings: Json, base: Path) -> Detector:
    """Load a folder in Hugging Face's format.

    Args:
        settings: see `HuggingFaceSettings`.
        base: folder that relative paths start from.

    Raises:
        InputError: when a file is missing or damaged, or config, weights, adapter and head do not
            fit.
    """
    wanted = HuggingFaceSettings.parse(settings, _WHERE)
    folder = folder_of(wanted.model, base, (*CONFIGS, *WEIGHTS, *_SHARDS))
    config = read_json(folder / "config.json")
    if not isinstance(config, dict):
        raise InputError(f"{folder / 'config.json'} is no JSON object", "Copy it again")
    images = folder / "preprocessor_config.json"
    rule = wanted.over(preprocessing_of(read_json(images), images), _WHERE)
    refuse_grey(rule, _WHERE)
    source = Source(folder / "config.json", config, _weights_in(folder), wanted.weights_key)
    if wanted.head and config.get("model_type") in CLIP_TYPES:
        model, architecture, notes = _load_clip(wanted, source, base)
    elif wanted.lora:
        raise InputError(f"{source.config} is no CLIP tower with a head", "Leave lora out")
    else:
        model, architecture, notes = load_network(wanted, source, base)
    return Detector(model.eval(), wanted.signature(rule, _WHERE), architecture, tuple(notes))


def _load_clip(wanted: HuggingFaceSettings, source: Source, base: Path) -> Loaded:
    assert wanted.head is not None
    weights = _vision(source.weights, wanted.weights_key)
    spec = tower_of(source.config, "visual_projection.weight" in weights)
    head = read_head(base / wanted.head, len(wanted.classes))
    feature = choose_feature(spec.widths, head, wanted.feature, base / wanted.head)
    tower = make_tower(spec)
    notes = fill(tower, weights, source.weights)
    if wanted.lora:
        merge_lora(tower, base / wanted.lora)
    model = Headed(tower.giving(feature), head)
    return model, _architecture(spec, feature, head.out_features), notes


def _architecture(spec: Tower, feature: Feature, classes: int) -> Json:
    fields = {**spec.to_json(), "projection": feature == "projection"}
    return {"kind": "hugging_face", **fields, "classes": classes}


def _weights_in(folder: Path) -> Path:
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise InputError(
        f"model folder {folder} holds no weights (model.safetensors or pytorch_model.bin)",
        "Copy them there",
    )


def _vision(path: Path, key: str | None) -> State:
    """Read the vision tower's weights alone, under the names that CLIPModel gives them."""
    weights = read_weights(path, is_vision, key)
    known = {name: tensor for name, tensor in weights.items() if _is_known(name)}
    if not known:
        raise InputError(f"weights {path} hold no vision tower", "Name a CLIP checkpoint")
    return {
        f"vision_model.{name}" if name.startswith(_BARE) else name: tensor
        for name, tensor in known.items()
    }


def _is_known(name: str) -> bool:
    return name.startswith(_BARE) or any(f".{part}" in f".{name}" for part in _VISION)
