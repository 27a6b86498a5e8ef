"""Fill a timm network from a checkpoint: timm's own format, or edgekit's."""

from pathlib import Path

from torch import nn

from edgekit.detectors.fill import fill
from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import head_from
from edgekit.detectors.prefixes import aligned, fits, groups_of
from edgekit.detectors.states import State
from edgekit.detectors.timm_network import create
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError


def fill_classifier(
    model: Headed, path: Path, name: str, head: nn.Linear | None, key: str | None = None
) -> list[str]:
    """Load backbone and head.

    Args:
        model: the network to fill.
        path: the checkpoint; one of edgekit's holds the head, one of timm's may.
        name: timm's name of the network.
        head: the head from a file of its own, which goes before the checkpoint's.
        key: which weights to take where the checkpoint holds several.

    Returns:
        a line for each thing that a user would want to know.

    Raises:
        InputError: when weights and network do not fit, or no head is found.
    """
    weights = read_weights(path, key=key)
    if head is None and fits(weights, groups_of(model.state_dict())):
        return fill(model, weights, path)
    inside, classifier, notes = _backbone(weights, model.backbone, name, path)
    fill(model.backbone, inside, path)
    model.head = head or _linear(classifier, model.head.out_features, path)
    return notes


def fill_backbone(backbone: nn.Module, path: Path, name: str, key: str | None = None) -> list[str]:
    """Load a backbone alone; the checkpoint's classifier, if it has one, is left out.

    Returns:
        a line for each thing that a user would want to know.

    Raises:
        InputError: when weights and network do not fit.
    """
    inside, _, notes = _backbone(read_weights(path, key=key), backbone, name, path)
    fill(backbone, inside, path)
    return notes


def _backbone(
    weights: State, backbone: nn.Module, name: str, path: Path
) -> tuple[State, State, list[str]]:
    """Part what only the network with a classifier has; timm names it differently each time."""
    groups = groups_of(backbone.state_dict())
    inside, notes = aligned(weights, groups, path, expected="backbone.")
    full = create(name, {}, classes=2).state_dict().keys()
    extra = full - backbone.state_dict().keys()
    classifier = {key: inside.pop(key) for key in list(inside) if key in extra}
    return inside, classifier, notes


def _linear(classifier: State, classes: int, path: Path) -> nn.Linear:
    if not classifier:
        raise InputError(
            f"weights {path} have no classifier", "Name the head's weights file by head = ..."
        )
    return head_from(classifier, classes, path)
