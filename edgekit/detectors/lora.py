"""Merge a PEFT LoRA adapter into a Hugging Face vision tower.

PEFT skips an adapter's tensors silently when their names fit no layer, and they often do not fit:
the same layer has another prefix in CLIPModel, in CLIPVisionModel, and in either of transformers 4
and 5. Here the adapter's own names tell which layers it belongs to, whatever it was saved from, and
a tensor that finds no layer is an error.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from edgekit.detectors.fill import check_finite
from edgekit.detectors.hugging_face_tower import VisionTower
from edgekit.detectors.tables import reason
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import ForeignJson

CONFIG = "adapter_config.json"
WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_NAME = re.compile(
    r"(.+)\.(lora_(?:A|B|embedding_A|embedding_B|magnitude_vector)(?:\.weight|\.bias)?)"
)
_PEFT = "base_model.model."
# What decides the product that is added. The rest of the config steers training, names layers
# (the tensors' own names do that here), or would make PEFT import a module by name.
_KEPT = (
    "r",
    "lora_alpha",
    "rank_pattern",
    "alpha_pattern",
    "use_rslora",
    "use_dora",
    "lora_bias",
    "fan_in_fan_out",
)
# Variants that are no plain sum, or that replace the base weights too: merging would be wrong.
_REFUSED = (
    "use_qalora",
    "use_bdlora",
    "alora_invocation_tokens",
    "arrow_config",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
    "megatron_config",
    "loftq_config",
    "corda_config",
    "kasa_config",
    "monteclora_config",
)
_INITS = (True, False, None, "gaussian", "eva", "orthogonal")


def merge_lora(tower: VisionTower, folder: Path) -> None:
    """Add an adapter's low-rank products to the tower's weights, in float32.

    An adapter of a whole CLIPModel may hold tensors of the text tower, which are left out.

    Args:
        tower: with its weights loaded; its layers are changed in place.
        folder: what `PeftModel.save_pretrained` wrote.

    Raises:
        InputError: when a file is missing, or a tensor of the adapter fits no layer of the tower.
    """
    config = _config(folder)
    path = _weights_in(folder)
    layers: dict[str, dict[str, torch.Tensor]] = {}
    known = dict(tower.named_modules()).keys()
    for name, tensor in read_weights(path).items():
        check_finite(name, tensor, path)
        layer, part = _place(name, path)
        if _is_text(layer):
            continue
        layers.setdefault(_find(layer, known, name, path), {})[part] = tensor
    if not layers:
        raise InputError(f"adapter {path} holds nothing for the vision tower", "Check the folder")
    _merge(tower, config, layers, path)


def _config(folder: Path) -> ForeignJson:
    if not folder.is_dir():
        raise InputError(f"LoRA folder {folder} does not exist", "Check the path")
    path = folder / CONFIG
    found = read_json(path)
    kind = found.get("peft_type") if isinstance(found, dict) else None
    if kind != "LORA":
        raise InputError(
            f"{path} has peft_type {kind!r}, only LORA is merged", "Merge it with PEFT"
        )
    wrong = [key for key in _REFUSED if found.get(key)]
    if found.get("init_lora_weights", True) not in _INITS:
        wrong.append("init_lora_weights")
    if wrong:
        raise InputError(
            f"{path} has {wrong[0]} = {found[wrong[0]]!r}, which is not merged here",
            "Merge it with PEFT where it was trained and name the merged folder by model = ...",
        )
    return {key: found[key] for key in _KEPT if key in found}


def _weights_in(folder: Path) -> Path:
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"LoRA folder {folder} holds no {' or '.join(WEIGHTS)}", "Copy it there")


def _place(name: str, path: Path) -> tuple[str, str]:
    """Split an adapter tensor's name into the layer and the part of the product."""
    match = _NAME.fullmatch(name.removeprefix(_PEFT))
    if match is None:
        raise InputError(
            f"adapter {path}: tensor {name!r} is no part of a LoRA product and would go unused",
            "Save the adapter without modules_to_save, and the head in a file of its own",
        )
    return match[1], match[2]


def _is_text(layer: str) -> bool:
    return any(part in ("text_model", "text_projection") for part in layer.split("."))


def _find(layer: str, known: Collection[str], name: str, path: Path) -> str:
    """Find the tower's layer: CLIPModel's prefix, none at all, or another model around it."""
    parts = layer.split(".")
    tails = (".".join(parts[start:]) for start in range(len(parts)))
    for candidate in (f"vision_model.{layer}", *tails):
        if candidate in known:
            return candidate
    raise InputError(
        f"adapter {path}: tensor {name!r} fits no layer of the vision tower and would go unused",
        "Use the adapter that was trained on this model",
    )


def _merge(
    tower: VisionTower,
    config: ForeignJson,
    layers: dict[str, dict[str, torch.Tensor]],
    path: Path,
) -> None:
    """Let PEFT build the products for exactly these layers, and check that it took every tensor."""
    from peft import LoraConfig, get_peft_model, set_peft_model_state_dict

    weights = {
        f"{_PEFT}{layer}.{part}": tensor
        for layer, parts in layers.items()
        for part, tensor in parts.items()
    }
    try:
        wrapped = get_peft_model(tower, LoraConfig(target_modules=sorted(layers), **config))
        result: Any = set_peft_model_state_dict(wrapped, weights)
        lost = [*result.unexpected_keys, *(key for key in result.missing_keys if "lora_" in key)]
        if lost:
            raise ValueError(f"{lost[0]!r} has no counterpart")
        wrapped.merge_and_unload(safe_merge=True)
    except Exception as error:  # PEFT's own exceptions and torch's, about shapes and layer kinds
        raise InputError(
            f"adapter {path} does not fit the vision tower: {reason(error)}",
            "Use the adapter that was trained on this model",
        ) from error
    tower.requires_grad_(True)
