"""The vision tower of a Hugging Face CLIP model, without its text tower."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature
from edgekit.detectors.tables import reason
from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import ForeignJson, Json, Settings

CLIP_TYPES = ("clip", "clip_vision_model")


class Tower(Settings):
    """What shapes a vision tower.

    Attributes:
        vision_config: arguments of `transformers.CLIPVisionConfig`.
        projection_dim: dimension of the projection.
        projection: whether there is one.
    """

    vision_config: ForeignJson
    projection_dim: int
    projection: bool

    @property
    def widths(self) -> dict[Feature, int]:
        """Dimension of each embedding that the tower offers."""
        pooled: dict[Feature, int] = {"pooled": self.vision_config["hidden_size"]}
        return {"projection": self.projection_dim, **pooled} if self.projection else pooled


class Architecture(Tower):
    """How to build a Detector again, as `detector.json` holds it."""

    kind: str
    classes: int


class VisionTower(nn.Module):
    """Image [N, 3, H, W] to embedding [N, D]; its names are those of `CLIPModel`.

    Args:
        vision_model: a `transformers.CLIPVisionModel`.
        visual_projection: from the pooled feature to the embedding; None for the pooled feature.
    """

    def __init__(self, vision_model: nn.Module, visual_projection: nn.Linear | None) -> None:
        super().__init__()
        self.vision_model = vision_model
        self.visual_projection = visual_projection

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the embedding, float32 [N, D]."""
        pooled: torch.Tensor = self.vision_model(pixel_values=image).pooler_output
        return pooled if self.visual_projection is None else self.visual_projection(pooled)

    def giving(self, feature: Feature) -> "VisionTower":
        """Return the same tower giving that embedding."""
        return self if feature == "projection" else VisionTower(self.vision_model, None)


def tower_of(path: Path, projection: bool) -> Tower:
    """Read a tower's shape and activation from `config.json`.

    Args:
        path: the file.
        projection: whether the weights hold a projection.

    Raises:
        InputError: when the file is damaged or of another kind of model.
    """
    from transformers import CLIPConfig, CLIPVisionConfig

    found = read_json(path)
    kinds: dict[str, Any] = {"clip": CLIPConfig, "clip_vision_model": CLIPVisionConfig}
    kind = found.get("model_type") if isinstance(found, dict) else None
    if kind not in kinds:
        raise InputError(
            f"{path} is of model_type {kind!r}, kind hugging_face reads {' and '.join(kinds)}",
            "Name a CLIP folder, or load the model by kind factory",
        )
    try:
        config = kinds[kind].from_dict(found)
    except Exception as error:  # transformers checks its configs with several kinds of exception
        raise _wrong(path, error) from error
    vision = config.vision_config if kind == "clip" else config
    fields = vision.to_diff_dict() | {"hidden_size": vision.hidden_size}
    return Tower(vision_config=fields, projection_dim=config.projection_dim, projection=projection)


def make_tower(spec: Tower) -> VisionTower:
    """Make the tower with random weights, in eval mode.

    Raises:
        InputError: when transformers refuses the config.
    """
    from transformers import CLIPVisionConfig, CLIPVisionModel

    try:
        config = CLIPVisionConfig.from_dict(spec.vision_config)
        model = CLIPVisionModel(config)
    except Exception as error:  # unknown activations, indivisible head counts and the like
        raise _wrong("vision_config", error) from error
    projection = nn.Linear(config.hidden_size, spec.projection_dim, bias=False)
    return VisionTower(model, projection if spec.projection else None).eval()


def build(architecture: Json) -> Headed:
    """Build tower and head without their weights, in eval mode.

    Raises:
        InputError: when transformers refuses the architecture.
    """
    spec = Architecture.parse(architecture, "architecture of kind hugging_face")
    width = spec.widths.get("projection", spec.widths["pooled"])
    return Headed(make_tower(spec), nn.Linear(width, spec.classes)).eval()


def _wrong(where: str | Path, error: Exception) -> InputError:
    return InputError(f"{where} is no CLIP vision config: {reason(error)}", "Correct the config")
