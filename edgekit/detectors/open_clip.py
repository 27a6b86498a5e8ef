"""Teachers of open_clip: the vision tower of a CLIP checkpoint with a linear head.

Activation, image size, mean, std and resize rule come from the checkpoint's own
`open_clip_config.json`, never from its name: the same `ViT-L-14` was trained with QuickGELU by one
laboratory and with GELU by another, and the wrong one costs accuracy without any error.
"""

from pathlib import Path

from edgekit.detectors.detector import Detector
from edgekit.detectors.fill import fill
from edgekit.detectors.headed import Headed
from edgekit.detectors.heads import Feature, choose_feature, read_head
from edgekit.detectors.open_clip_config import Activation, find_checkpoint, resolve
from edgekit.detectors.open_clip_tower import build, drop_projection, make_tower, widths_of
from edgekit.detectors.states import State
from edgekit.detectors.tables import Labels, View, refuse_grey
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.settings import Json

__all__ = ["OpenClipSettings", "build", "load"]

_WHERE = "settings of kind open_clip"
_PREFIX = "visual."


class OpenClipSettings(Labels, View):
    """The table of kind `open_clip`.

    Attributes:
        model: folder in open_clip's format, hub id, or a name that open_clip knows.
        checkpoint: weights file; needed with a name, the folder's own otherwise.
        weights_key: which weights to take where the file holds several.
        head: weights file of the linear head.
        feature: which embedding the head reads; the one whose dimension fits when left out.
        activation: override of what the config says.
    """

    model: str
    checkpoint: str | None = None
    weights_key: str | None = None
    head: str
    feature: Feature | None = None
    activation: Activation | None = None


def load(settings: Json, base: Path) -> Detector:
    """Load the vision tower of an open_clip checkpoint with a linear head.

    Args:
        settings: see `OpenClipSettings`.
        base: folder that relative paths start from.

    Raises:
        InputError: when a file is missing or damaged, or config, weights and head do not fit.
    """
    wanted = OpenClipSettings.parse(settings, _WHERE)
    found = find_checkpoint(wanted.model, wanted.checkpoint, base)
    spec, rule = resolve(found, wanted, wanted.activation, _WHERE)
    refuse_grey(rule, _WHERE)
    head = read_head(base / wanted.head, len(wanted.classes))
    feature = choose_feature(widths_of(spec), head, wanted.feature, base / wanted.head)
    tower = make_tower(spec)
    weights = _visual(found.weights, wanted.weights_key)
    notes = fill(tower, weights, found.weights, expected=_PREFIX)
    if feature == "pooled":
        drop_projection(tower)
    architecture = {
        "kind": "open_clip",
        **spec.to_json(),
        "feature": feature,
        "classes": head.out_features,
    }
    signature = wanted.signature(rule, _WHERE)
    return Detector(Headed(tower, head).eval(), signature, architecture, tuple(notes))


def _visual(path: Path, key: str | None) -> State:
    """Read the vision tower's weights alone, whatever training put before their names."""
    weights = read_weights(path, lambda name: f".{_PREFIX}" in f".{name}", key)
    if not weights:
        raise InputError(
            f"weights {path} hold no vision tower (no name begins with 'visual.')",
            "Name an open_clip checkpoint",
        )
    return weights
