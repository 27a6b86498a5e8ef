"""Networks of transformers besides CLIP: image classifiers, and vision towers with a linear head.

Each is built from `config.json` by transformers' own code for that model_type, activation included,
and by nothing that a folder brings.
"""

from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from edgekit.detectors.headed import Headed
from edgekit.detectors.tables import reason
from edgekit.errors import InputError
from edgekit.settings import ForeignJson, Json, Settings

Task = Literal["classifier", "pooled"]
# Vision towers whose `pooler_output` linear heads are trained on; with the config that holds one.
TOWERS = (
    "siglip_vision_model",
    "dinov2",
    "dinov2_with_registers",
    "dinov3_vit",
    "dinov3_convnext",
)
_INSIDE = {"siglip": "siglip_vision_model"}
# Why some are refused, for what they are.
_REFUSED = {
    "siglip2": "takes patches of images of any shape (NaFlex), not images of one size",
    "siglip2_vision_model": "takes patches of images of any shape (NaFlex), not images of one size",
    "timm_wrapper": "is a network of timm: name it by kind = 'timm' and this folder's checkpoint",
    "imagegpt": "takes colour clusters, not an image",
    "perceiver": "takes an image in one of several ways that its config does not say",
}


class Network(Settings):
    """How to build a network again, as `detector.json` holds it.

    Attributes:
        kind: "hugging_face".
        task: the library's own classifier, or a tower's pooled feature under a linear head.
        model_type: transformers' name of the architecture.
        config: arguments of its config class.
        classes: number of logits.
    """

    kind: Literal["hugging_face"] = "hugging_face"
    task: Task
    model_type: str
    config: ForeignJson
    classes: int


class Classifier(nn.Module):
    """Image [N, 3, H, W] to logits [N, C].

    Args:
        network: an image classifier of transformers.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits, float32 [N, C]."""
        logits: torch.Tensor = self.network(pixel_values=image).logits
        return logits


class Pooled(nn.Module):
    """Image [N, 3, H, W] to the pooled feature [N, D].

    Args:
        network: a vision tower of transformers.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the pooled feature, float32 [N, D]."""
        pooled: torch.Tensor = self.network(pixel_values=image).pooler_output
        return pooled.flatten(1)


def classifier_of(found: ForeignJson, path: Path) -> Network:
    """Describe the image classifier that a `config.json` speaks of.

    Raises:
        InputError: when it speaks of something else.
    """
    kind = _kind(found, path)
    classes = _classifiers().get(kind)
    first = (found.get("architectures") or [None])[0]
    if first is not None and first not in (classes or ()):
        raise InputError(
            f"{path} is of a {first}, which is no image classifier on its own",
            "Give a linear head by head = ... if it is a vision tower, or use kind factory",
        )
    config = _config(kind, found, path)
    fields = config.to_diff_dict() | {"num_labels": config.num_labels}
    fields.pop("model_type", None)
    return Network(
        task="classifier", model_type=kind, config=_plain(fields), classes=config.num_labels
    )


def labels_of(found: ForeignJson) -> tuple[str, ...]:
    """Return the names of the logits, in their order; none where the config has only numbers."""
    named = {int(place): str(name) for place, name in (found.get("id2label") or {}).items()}
    names = tuple(named[place] for place in sorted(named))
    return () if all(name.startswith("LABEL_") for name in names) else names


def pooled_of(found: ForeignJson, path: Path, classes: int) -> Network:
    """Describe the vision tower that a `config.json` speaks of.

    Raises:
        InputError: when it is none whose pooled feature is known.
    """
    kind = _kind(found, path)
    if kind in _INSIDE:
        found, kind = found.get("vision_config") or {}, _INSIDE[kind]
    if kind not in TOWERS:
        raise InputError(
            f"{path} is of model_type {kind!r}, which is not read with a linear head (clip, "
            f"siglip, {', '.join(TOWERS)} are)",
            "Leave head out if it is an image classifier, or load the model by kind factory",
        )
    fields = _config(kind, found, path).to_diff_dict()
    fields.pop("model_type", None)
    return Network(task="pooled", model_type=kind, config=_plain(fields), classes=classes)


def make_network(spec: Network) -> Classifier | Pooled:
    """Make the network with random weights, in eval mode.

    Raises:
        InputError: when transformers refuses the config.
    """
    from transformers import AutoConfig, AutoModel, AutoModelForImageClassification

    make: Any = AutoModelForImageClassification if spec.task == "classifier" else AutoModel
    try:
        config = AutoConfig.for_model(spec.model_type, **spec.config)
        # Some architectures have two classifiers; the plain one comes first.
        config.architectures = list(_classifiers().get(spec.model_type, ()))
        network = make.from_config(config, trust_remote_code=False).float().eval()
    except Exception as error:  # unknown activations, indivisible head counts and the like
        raise _wrong(spec.model_type, error) from error
    return Classifier(network) if spec.task == "classifier" else Pooled(network)


def build_network(architecture: Json) -> nn.Module:
    """Build network and head without their weights, in eval mode.

    Raises:
        InputError: when transformers refuses the architecture.
    """
    spec = Network.parse(architecture, "architecture of kind hugging_face")
    made = make_network(spec)
    return made if isinstance(made, Classifier) else headed(made, spec).eval()


def headed(tower: Pooled, spec: Network) -> Headed:
    """Put an untrained head on a tower."""
    return Headed(tower, nn.Linear(width_of(tower), spec.classes))


def width_of(tower: Pooled) -> int:
    """Return the dimension of a tower's pooled feature."""
    config: Any = tower.network.config
    sizes = getattr(config, "hidden_sizes", None)
    return int(sizes[-1] if sizes else config.hidden_size)


def _kind(found: ForeignJson, path: Path) -> str:
    from transformers import CONFIG_MAPPING

    kind = str(found.get("model_type"))
    if kind in _REFUSED:
        raise InputError(f"{path} is of model_type {kind!r}, which {_REFUSED[kind]}", _OTHERWISE)
    if kind not in CONFIG_MAPPING:
        code = " and brings its own code, which is never run" if "auto_map" in found else ""
        raise InputError(
            f"{path} is of model_type {found.get('model_type')!r}, which transformers does not "
            f"know{code}",
            _OTHERWISE,
        )
    return kind


_OTHERWISE = "Load the model by kind factory"


def _classifiers() -> dict[str, tuple[str, ...]]:
    """Return the first class of each image classifier, as transformers lists them."""
    from transformers.models.auto import modeling_auto

    found = modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES
    return {
        kind: (names,) if isinstance(names, str) else tuple(names[:1])
        for kind, names in found.items()
    }


def _config(kind: str, found: ForeignJson, path: Path) -> Any:
    from transformers import AutoConfig

    fields = {key: value for key, value in found.items() if key not in ("model_type", "auto_map")}
    if found.get("id2label"):
        fields["num_labels"] = len(found["id2label"])
    try:
        return AutoConfig.for_model(kind, **fields)
    except Exception as error:  # transformers checks its configs with several kinds of exception
        raise _wrong(path, error) from error


def _plain(fields: ForeignJson) -> ForeignJson:
    """Leave out what says how it was saved or served, not what it computes."""
    dropped = ("transformers_version", "dtype", "torch_dtype", "architectures", "_name_or_path")
    return {key: value for key, value in fields.items() if key not in dropped}


def _wrong(where: str | Path, error: Exception) -> InputError:
    what = f"{where} is no config that transformers takes: {reason(error)}"
    return InputError(what, "Correct the config")
