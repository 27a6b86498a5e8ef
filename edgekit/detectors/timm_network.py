"""Build a timm network by name, without weights and without the network's own head."""

import re

import torch
from pydantic import Field
from torch import nn

from edgekit.detectors.headed import Headed
from edgekit.detectors.tables import reason, unknown
from edgekit.errors import InputError
from edgekit.settings import ForeignJson, Json, Settings

# What would make timm fetch or unpickle weights, or build another head than ours.
_LOCAL = "Nothing is downloaded: name a weights file by checkpoint = ..."
_CLOSED = {
    "pretrained": _LOCAL,
    "pretrained_cfg": _LOCAL,
    "pretrained_cfg_overlay": _LOCAL,
    "checkpoint_path": _LOCAL,
    "cache_dir": _LOCAL,
    "num_classes": "Remove it: the head gets a logit for each class",
}
# How the hub and timm itself write where weights come from.
_HUB = re.compile(r"(?:hf[-_]hub:|local-dir:|timm/).*")


class Architecture(Settings):
    """How to build the network again, as `detector.json` holds it."""

    kind: str
    model: str
    classes: int
    options: ForeignJson = Field(default_factory=dict)


def build(architecture: Json) -> Headed:
    """Build the network with a linear head, without its weights, in eval mode.

    Raises:
        InputError: when timm does not know the name or refuses the options.
    """
    spec = Architecture.parse(architecture, "architecture of kind timm")
    backbone = create(spec.model, spec.options, classes=0)
    head = nn.Linear(_width(backbone, spec), spec.classes)
    return Headed(backbone, head).eval()


def architecture_of(name: str, classes: int, size: tuple[int, ...], options: ForeignJson) -> Json:
    """Describe a network for `build`.

    Networks with position embeddings are told their image size; the others take any.
    """
    options, config = dict(options), config_of(name)
    if config.get("fixed_input_size") and tuple(config["input_size"][1:]) != size:
        options.setdefault("img_size", size[0] if size[0] == size[1] else list(size))
    return {"kind": "timm", "model": name, "classes": classes, "options": options}


def config_of(name: str) -> ForeignJson:
    """Return timm's own config of a name: input size, mean, std, crop.

    Raises:
        InputError: when timm does not know the name.
    """
    import timm

    if _HUB.fullmatch(name):
        raise _of_the_hub(name)
    if not timm.is_model(name):
        raise unknown("timm model", name, timm.list_models())
    plain, _, tag = name.partition(".")
    tags = [known.partition(".")[2] for known in timm.list_pretrained(f"{plain}.*")]
    if tag and tag not in tags:
        raise unknown(f"tag of timm model {plain!r}", tag, tags)
    config = timm.get_pretrained_cfg(name, allow_unregistered=False)
    return {} if config is None else dict(config.to_dict())


def _of_the_hub(name: str) -> InputError:
    plain = re.split(r"[:/]", name)[-1]
    return InputError(
        f"timm model {name!r} would have to be downloaded, which kind timm never does",
        f"Write model = {plain!r}, and checkpoint = the weights file where you have it",
    )


def create(name: str, options: ForeignJson, classes: int) -> nn.Module:
    """Make the network with random weights, in eval mode.

    Raises:
        InputError: when the name is unknown or timm refuses the options.
    """
    import timm

    closed = [key for key in options if key in _CLOSED]
    if closed:
        raise InputError(f"timm option {closed[0]!r} is not for edgekit", _CLOSED[closed[0]])
    config_of(name)
    try:
        model: nn.Module = timm.create_model(
            name, pretrained=False, num_classes=classes, **options
        ).eval()
    except Exception as error:  # timm's networks raise whatever their constructors raise
        raise InputError(
            f"timm cannot build {name!r} with options {options}: {reason(error)}",
            "Correct the options or the image size",
        ) from error
    return model


@torch.no_grad()
def _width(backbone: nn.Module, spec: Architecture) -> int:
    """Measure the embedding: timm's `num_features` is that of the last stage, before the head."""
    size = spec.options.get("img_size", config_of(spec.model)["input_size"][1:])
    height, width = (size, size) if isinstance(size, int) else size
    try:
        embedding = backbone(torch.zeros(1, spec.options.get("in_chans", 3), height, width))
    except Exception as error:  # whatever a network raises on an image that it does not take
        raise InputError(
            f"timm model {spec.model!r} does not run on {height} x {width}: {reason(error)}",
            "Choose another image size or other options",
        ) from error
    if not isinstance(embedding, torch.Tensor) or embedding.ndim != 2:
        raise InputError(f"timm model {spec.model!r} gives no embedding", "Choose another network")
    return embedding.shape[1]
