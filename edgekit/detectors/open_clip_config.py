"""Find an open_clip checkpoint and its config: in a folder, on the hub, or by architecture name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgekit.detectors.locate import folder_of, is_hub_id
from edgekit.detectors.open_clip_tower import Tower
from edgekit.detectors.tables import View, height_and_width, unknown
from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.settings import ForeignJson
from edgekit.signature import Preprocessing

CONFIG = "open_clip_config.json"
# The names that open_clip itself writes, the safe format first.
WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_model.safetensors.index.json",
    "open_clip_pytorch_model.bin",
    "open_clip_pytorch_model.bin.index.json",
)
_SHARDS = ("open_clip_*-*-of-*.*",)
# Field of a Preprocessing, and the setting that gives it.
_NEEDED = (("size", "image_size"), ("mean", "mean"), ("std", "std"), ("resize", "resize"))
Activation = Literal["gelu", "quick_gelu"]


@dataclass(frozen=True)
class Checkpoint:
    """Weights and what their config says.

    Attributes:
        weights: the file.
        embed_dim: dimension of the projection.
        vision_cfg: arguments of `open_clip.CLIPVisionCfg`.
        quick_gelu: QuickGELU or GELU; None when no config came with the weights.
        preprocess_cfg: open_clip's keys; None when no config came with the weights.
    """

    weights: Path
    embed_dim: int
    vision_cfg: ForeignJson
    quick_gelu: bool | None = None
    preprocess_cfg: ForeignJson | None = None


def find_checkpoint(model: str, checkpoint: str | None, base: Path) -> Checkpoint:
    """Find weights and config.

    Args:
        model: folder, hub id, or a name that open_clip knows.
        checkpoint: weights file; needed with a name.
        base: folder that relative paths start from.

    Raises:
        InputError: when a file is missing or the name is unknown.
    """
    weights = base / checkpoint if checkpoint else None
    if (base / model).is_dir() or is_hub_id(model, base):
        folder = folder_of(model, base, (CONFIG, *WEIGHTS, *_SHARDS))
        return _read(folder / CONFIG, weights or _weights_in(folder))
    shape = _shape_of(model, base)
    if weights is None:
        raise InputError(
            f"open_clip model {model!r} is an architecture without weights",
            "Name the weights file by checkpoint = ..., or a folder by model = ...",
        )
    if (weights.parent / CONFIG).is_file():
        return _read(weights.parent / CONFIG, weights)
    return Checkpoint(weights, *shape)


def _weights_in(folder: Path) -> Path:
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise InputError(
        f"model folder {folder} holds no weights ({WEIGHTS[0]} or {WEIGHTS[2]})",
        "Copy them there or name the file by checkpoint = ...",
    )


def _read(path: Path, weights: Path) -> Checkpoint:
    config = read_json(path)
    found = config.get("model_cfg") if isinstance(config, dict) else None
    if not isinstance(found, dict) or not {"embed_dim", "vision_cfg"} <= found.keys():
        raise InputError(
            f"{path} has no model_cfg with embed_dim and vision_cfg",
            "Take the config that came with the weights",
        )
    # What the format leaves out has open_clip's own default, as open_clip itself would read it.
    quick, preprocess = bool(found.get("quick_gelu")), config.get("preprocess_cfg") or {}
    return Checkpoint(weights, found["embed_dim"], found["vision_cfg"], quick, preprocess)


def _shape_of(model: str, base: Path) -> tuple[int, ForeignJson]:
    """Take from an architecture's name nothing but embed_dim and vision_cfg."""
    import open_clip

    if model not in open_clip.list_models():
        what = f"open_clip model (it is no folder of {base} either)"
        raise unknown(what, model, open_clip.list_models())
    found = open_clip.get_model_config(model)
    return found["embed_dim"], found["vision_cfg"]


def resolve(
    found: Checkpoint, view: View, activation: Activation | None, where: str
) -> tuple[Tower, Preprocessing]:
    """Lay the settings over what the config says.

    Raises:
        InputError: naming every key that neither config nor settings give.
    """
    fields = _fields(found)
    quick = found.quick_gelu if activation is None else activation == "quick_gelu"
    missing = [key for field, key in _NEEDED if field not in fields and getattr(view, key) is None]
    if quick is None and _names_its_function(found.vision_cfg):
        missing.insert(0, "activation")
    if missing:
        raise InputError(
            f"no {CONFIG} beside {found.weights} says how it was trained",
            f"Copy it there, or write {', '.join(missing)} in the settings",
        )
    rule = view.over(fields, where)
    height, width = rule.size
    if height != width and rule.resize == "shortest":
        raise InputError(
            f"{found.weights}: images of {height} x {width} cannot be made by resize 'shortest'",
            "State resize = 'squash' or 'longest' in the settings",
        )
    vision = {**found.vision_cfg, "image_size": height if height == width else [height, width]}
    spec = {"embed_dim": found.embed_dim, "quick_gelu": bool(quick), "vision_cfg": vision}
    return Tower.parse(spec, where), rule


def _fields(found: Checkpoint) -> ForeignJson:
    """Turn `preprocess_cfg` into fields of a Preprocessing, as open_clip's transform reads it."""
    given = found.preprocess_cfg
    if given is None:
        return {}
    bilinear = given.get("interpolation") == "bilinear"
    return {
        "size": height_and_width(found.vision_cfg.get("image_size", 224)),
        "resize": given.get("resize_mode") or "shortest",
        "kernel": "bilinear" if bilinear else "bicubic",
        "fill": given.get("fill_color") or 0,
        **{key: given[key] for key in ("mean", "std") if key in given},
    }


def _names_its_function(vision: ForeignJson) -> bool:
    """Only open_clip's own transformers do: its ResNets use ReLU, timm's networks their own."""
    return "timm_model_name" not in vision and not isinstance(vision.get("layers"), list)
