"""Networks of timm: students to be trained, and classifiers that somebody trained with timm.

Nothing is ever downloaded: `pretrained` stays off, weights come from a local checkpoint.
"""

import math
from pathlib import Path
from typing import Any

import torch
from pydantic import Field

from edgekit.detectors.detector import Detector
from edgekit.detectors.heads import read_head
from edgekit.detectors.tables import Labels, View, at_size, height_and_width
from edgekit.detectors.timm_network import architecture_of, build, config_of
from edgekit.detectors.timm_weights import fill_backbone, fill_classifier
from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import ForeignJson, Json
from edgekit.signature import Preprocessing, Signature, image_input

__all__ = ["TimmSettings", "build", "load", "new_student"]

_WHERE = "settings of kind timm"


class TimmSettings(Labels, View):
    """The table of kind `timm`.

    Attributes:
        model: a name that timm knows.
        checkpoint: weights file; an untrained network when left out.
        weights_key: which weights to take where the checkpoint holds several.
        head: weights file of the linear head, when the checkpoint has none.
        options: further arguments of `timm.create_model`.
    """

    model: str
    checkpoint: str | None = None
    weights_key: str | None = None
    head: str | None = None
    options: ForeignJson = Field(default_factory=dict)


def load(settings: Json, base: Path) -> Detector:
    """Load a timm network with a linear head.

    Mean, std, size and resize rule come from the `config.json` beside the checkpoint when there is
    one (the format of timm's hub), else from timm's own config of that name.

    Args:
        settings: see `TimmSettings`.
        base: folder that relative paths start from.

    Raises:
        InputError: when the name is unknown, or weights and network do not fit.
    """
    wanted = TimmSettings.parse(settings, _WHERE)
    checkpoint = base / wanted.checkpoint if wanted.checkpoint else None
    head = read_head(base / wanted.head, len(wanted.classes)) if wanted.head else None
    config = _config(wanted.model, checkpoint)
    rule = wanted.over(_preprocessing(config, wanted), _WHERE)
    classes = head.out_features if head else len(wanted.classes)
    options = _with_channels(wanted.options, rule)
    architecture = architecture_of(wanted.model, classes, rule.size, options)
    model = build(architecture)
    notes: list[str] = []
    if checkpoint is not None:
        notes = fill_classifier(model, checkpoint, wanted.model, head, wanted.weights_key)
    return Detector(model, wanted.signature(rule, _WHERE), architecture, tuple(notes))


def new_student(
    name: str,
    signature: Signature,
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
    checkpoint: Path | None = None,
    weights_key: str | None = None,
    **options: Any,
) -> Detector:
    """Make a student with the teacher's Signature and a head that is not trained yet.

    Args:
        name: a name that timm knows.
        signature: the teacher's, with one image input.
        image_size: another image size than the teacher's, pixels.
        seed: of the random weights.
        checkpoint: weights that the backbone starts from, in timm's format, with or without head.
        weights_key: which weights to take where the checkpoint holds several.
        options: further arguments of `timm.create_model`.

    Raises:
        InputError: when the name is unknown or the network does not take such images.
    """
    first = signature.inputs[0]
    if len(signature.inputs) != 1 or first.preprocessing is None:
        names = [item.name for item in signature.inputs]
        raise InputError(
            f"a timm student takes one image, the teacher takes {names}",
            "Train a network of your own and give it by kind factory",
        )
    size = height_and_width(image_size) if image_size else first.preprocessing.size
    rule = at_size(first.preprocessing, size)
    options = _with_channels(options, rule)
    architecture = architecture_of(name, len(signature.classes), size, options)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(architecture)
    notes: list[str] = []
    if checkpoint is not None:
        notes = fill_backbone(model.backbone, checkpoint, name, weights_key)
    own = {"inputs": (image_input(rule, first.name),), "output": "logits"}
    adapted = signature.model_copy(update=own)
    return Detector(model, adapted, architecture, tuple(notes))


def _with_channels(options: ForeignJson, rule: Preprocessing) -> ForeignJson:
    """Tell timm how many channels images have, where they are not its own three."""
    return options if rule.channels == 3 else {"in_chans": rule.channels, **options}


def _config(model: str, checkpoint: Path | None) -> ForeignJson:
    """Read what the weights' own `config.json` says, over what timm says of that name."""
    known = config_of(model)
    path = checkpoint.parent / "config.json" if checkpoint else None
    if path is None or not path.is_file():
        return known
    found = read_json(path)
    if not isinstance(found, dict) or "pretrained_cfg" not in found:
        return known
    if found.get("architecture", model).split(".")[0] != model.split(".")[0]:
        raise InputError(
            f"{path} is of {found['architecture']!r}, the settings ask for {model!r}",
            "Correct the model's name or use its own checkpoint",
        )
    return known | {k: v for k, v in found["pretrained_cfg"].items() if v is not None}


def _preprocessing(config: ForeignJson, view: View) -> ForeignJson:
    """Turn timm's evaluation transform (timm/data/transforms_factory.py) into our fields."""
    size = tuple(config["input_size"][1:])
    found: ForeignJson = {
        "size": size,
        "kernel": config["interpolation"],
        "mean": config["mean"],
        "std": config["std"],
    }
    if view.resize is not None:
        return found
    mode, crop = config.get("crop_mode") or "center", float(config["crop_pct"])
    if mode == "center" and size[0] == size[1]:
        return found | {"resize": "shortest", "resize_to": math.floor(size[0] / crop)}
    if mode in ("squash", "border") and crop == 1:
        return found | {"resize": {"squash": "squash", "border": "longest"}[mode]}
    raise InputError(
        f"timm resizes images of {config['architecture']!r} in a way that a Signature does not "
        f"know: size {size}, crop_mode {mode!r}, crop_pct {crop}",
        "State resize, resize_to and kernel in the settings",
    )
