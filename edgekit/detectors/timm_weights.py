"""Fill a timm network from a checkpoint: timm's own format, or edgekit's."""

from pathlib import Path

import torch
from torch import nn

from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import head_from
from edgekit.detectors.timm_network import create
from edgekit.detectors.weights import fill, read_weights, without_prefix
from edgekit.errors import InputError


def fill_classifier(model: Headed, path: Path, name: str, head: nn.Linear | None) -> None:
    """Load backbone and head.

    Args:
        model: the network to fill.
        path: the checkpoint; one of edgekit's holds the head, one of timm's may.
        name: timm's name of the network.
        head: the head from a file of its own, which goes before the checkpoint's.

    Raises:
        InputError: when weights and network do not fit, or no head is found.
    """
    weights = without_prefix(read_weights(path), "module.")
    if head is None and weights.keys() == model.state_dict().keys():
        fill(model, weights, path)
        return
    classifier = _take_classifier(weights, model.backbone, name)
    fill(model.backbone, weights, path)
    model.head = head or _linear(classifier, model.head.out_features, path)


def fill_backbone(backbone: nn.Module, path: Path, name: str) -> None:
    """Load a backbone alone; the checkpoint's classifier, if it has one, is left out.

    Raises:
        InputError: when weights and network do not fit.
    """
    weights = without_prefix(read_weights(path), "module.")
    own = {
        key.removeprefix("backbone."): value
        for key, value in weights.items()
        if key.startswith("backbone.")
    }
    if not own:
        _take_classifier(weights, backbone, name)
    fill(backbone, own or weights, path)


def _take_classifier(
    weights: dict[str, torch.Tensor], backbone: nn.Module, name: str
) -> dict[str, torch.Tensor]:
    """Move out what only the network with a classifier has; timm names it differently each time."""
    full = create(name, {}, classes=2).state_dict().keys()
    extra = full - backbone.state_dict().keys()
    return {key: weights.pop(key) for key in list(weights) if key in extra}


def _linear(classifier: dict[str, torch.Tensor], classes: int, path: Path) -> nn.Linear:
    if not classifier:
        raise InputError(
            f"weights {path} have no classifier", "Name the head's weights file by head = ..."
        )
    return head_from(classifier, classes, path)
