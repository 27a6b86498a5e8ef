"""The vision tower of an open_clip model, without its text tower."""

import torch
from torch import nn

from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature
from edgekit.detectors.tables import height_and_width, reason
from edgekit.errors import InputError
from edgekit.settings import ForeignJson, Json, Settings


class Tower(Settings):
    """What shapes a vision tower, in open_clip's own words (its `model_cfg`).

    Attributes:
        embed_dim: dimension of the projection.
        quick_gelu: QuickGELU instead of GELU.
        vision_cfg: arguments of `open_clip.CLIPVisionCfg`.
    """

    embed_dim: int
    quick_gelu: bool = False
    vision_cfg: ForeignJson


class Architecture(Tower):
    """How to build a Detector again, as `detector.json` holds it."""

    kind: str
    feature: Feature
    classes: int


def build(architecture: Json) -> Headed:
    """Build tower and head without their weights, in eval mode.

    Raises:
        InputError: when open_clip refuses the architecture.
    """
    spec = Architecture.parse(architecture, "architecture of kind open_clip")
    tower = make_tower(spec)
    if spec.feature == "pooled":
        drop_projection(tower)
    return Headed(tower, nn.Linear(widths_of(spec)[spec.feature], spec.classes)).eval()


def make_tower(spec: Tower) -> nn.Module:
    """Make the tower with random weights, in eval mode: image [N, 3, H, W] to [N, embed_dim].

    Raises:
        InputError: when open_clip refuses the config.
    """
    from open_clip import CLIP, CLIPTextCfg

    # Tokens would come beside the embedding, and nothing may be downloaded.
    vision = {**spec.vision_cfg, "output_tokens": False, "timm_model_pretrained": False}
    nothing = CLIPTextCfg(context_length=1, vocab_size=1, width=8, heads=1, layers=1)
    try:
        clip = CLIP(spec.embed_dim, vision, nothing, quick_gelu=spec.quick_gelu)
    except Exception as error:  # open_clip and timm raise whatever their constructors raise
        raise InputError(
            f"open_clip cannot build a vision tower of {spec.vision_cfg}: {reason(error)}",
            "Correct the config",
        ) from error
    tower: nn.Module = clip.visual.eval()
    return tower


def drop_projection(tower: nn.Module) -> bool:
    """Make the tower return its pooled feature; False when it has no projection to drop."""
    if hasattr(tower, "proj"):  # open_clip.transformer.VisionTransformer
        tower.register_parameter("proj", None)
    elif hasattr(tower, "trunk"):  # open_clip.timm_model.TimmModel
        tower.head = nn.Identity()
    else:  # ModifiedResNet's attention pool projects in the same step
        return False
    return True


@torch.no_grad()
def widths_of(spec: Tower) -> dict[Feature, int]:
    """Measure the dimension of each embedding that the tower offers, at no cost in memory.

    Raises:
        InputError: when the tower does not run on images of its own size.
    """
    with torch.device("meta"):
        tower = make_tower(spec)
        image = torch.zeros(1, 3, *height_and_width(spec.vision_cfg.get("image_size", 224)))
    try:
        widths: dict[Feature, int] = {"projection": tower(image).shape[-1]}
        if drop_projection(tower):
            widths["pooled"] = tower(image).shape[-1]
    except Exception as error:  # whatever a network raises on an image that it does not take
        raise InputError(
            f"the vision tower of {spec.vision_cfg} does not run: {reason(error)}",
            "Correct the config",
        ) from error
    return widths
