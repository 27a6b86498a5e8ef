"""Load networks of transformers besides CLIP, with their classifier or a linear head."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import nn

from edgekit.detectors.fill import fill, fitted
from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature, choose_feature, read_head
from edgekit.detectors.hugging_face_names import disk_names, load_named
from edgekit.detectors.hugging_face_network import (
    Classifier,
    Network,
    Pooled,
    classifier_of,
    labels_of,
    make_network,
    pooled_of,
    width_of,
)
from edgekit.detectors.prefixes import fits, groups_of
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.settings import ForeignJson

# The model, how to build it again, notes.
Loaded = tuple[nn.Module, ForeignJson, list[str]]


@dataclass(frozen=True)
class Source:
    """What lies in a folder.

    Attributes:
        config: `config.json`.
        fields: what it holds.
        weights: the weights file or the index of its shards.
        key: which weights to take where the file holds several.
    """

    config: Path
    fields: ForeignJson
    weights: Path
    key: str | None


class Wanted(Protocol):
    """The settings that matter here; see `HuggingFaceSettings`."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names in the order of the logits."""

    @property
    def head(self) -> str | None:
        """Weights file of the linear head."""

    @property
    def feature(self) -> Feature | None:
        """Which embedding the head reads."""


def load_network(wanted: Wanted, source: Source, base: Path) -> Loaded:
    """Load a classifier where the settings name no head, else a tower with that head.

    Raises:
        InputError: when the folder is of another kind of model, or its parts do not fit.
    """
    if wanted.head is None:
        return _classifier(wanted, source)
    path = base / wanted.head
    spec = pooled_of(source.fields, source.config, len(wanted.classes))
    tower = make_network(spec)
    assert isinstance(tower, Pooled)
    notes = _fill(tower, source)
    head = read_head(path, len(wanted.classes))
    choose_feature({"pooled": width_of(tower)}, head, wanted.feature, path)
    architecture = spec.model_copy(update={"classes": head.out_features}).to_json()
    return Headed(tower, head), architecture, notes


def is_vision(name: str) -> bool:
    """Tell a vision tower's weights from those of the text tower beside it."""
    parts = name.split(".")
    text = any(part in ("text_model", "text_projection") for part in parts)
    # What a whole CLIP has beside its towers; Swin V2 has one of that name within its attention.
    beside = parts[-1] in ("logit_scale", "logit_bias") and "attention" not in parts
    return not text and not beside and parts[-1] != "position_ids"


def _classifier(wanted: Wanted, source: Source) -> Loaded:
    spec = classifier_of(source.fields, source.config)
    _check_classes(wanted.classes, spec, source)
    model = make_network(spec)
    notes = _fill(model, source)
    return model, spec.to_json(), notes


def _check_classes(classes: tuple[str, ...], spec: Network, source: Source) -> None:
    """The same names in another order would turn every decision round."""
    names = labels_of(source.fields)
    if spec.classes not in (1, len(classes)):
        raise InputError(
            f"{source.config} has {spec.classes} classes"
            + (f" ({', '.join(names[:6])})" if names else "")
            + f", the settings name {len(classes)}",
            "Name its classes in its order",
        )
    if classes != names and sorted(classes) == sorted(names):
        raise InputError(
            f"{source.config} has the classes {list(names)} in this order, the settings name "
            f"{list(classes)}",
            "Write them in the order of id2label",
        )


def _fill(model: Classifier | Pooled, source: Source) -> list[str]:
    """Load weights under today's names or those that transformers writes to disk.

    Version 5 renamed layers of many networks and renames them back when it saves, so a file has
    either; transformers' own loader knows the way.
    """
    network = model.network
    weights = read_weights(source.weights, is_vision, source.key)
    if fits(weights, groups_of(network.state_dict())):
        return fill(network, weights, source.weights)
    named, notes = fitted(weights, disk_names(network), source.weights)
    model.network = load_named(network, named)
    return notes
