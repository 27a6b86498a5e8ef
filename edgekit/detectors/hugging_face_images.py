"""Read `preprocessor_config.json`: from transformers' image processors to our Preprocessing."""

from pathlib import Path
from typing import Any

from edgekit.detectors.hugging_face_processor import check_rule, with_defaults
from edgekit.detectors.tables import height_and_width
from edgekit.errors import InputError
from edgekit.settings import ForeignJson

# Pillow's numbers, which `resample` holds.
_KERNELS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")


def preprocessing_of(config: Any, path: Path) -> ForeignJson:
    """Return the fields of a Preprocessing.

    What the file leaves out has the default of the processor that it names, CLIPImageProcessor
    where it names none. Of another than that, an image is prepared both ways and compared.

    Raises:
        InputError: when it describes a way that a Signature does not know.
    """
    if not isinstance(config, dict):
        raise unknown_way(path, "it is no JSON object")
    whole, name = with_defaults(config, path)
    normalized = whole.get("do_normalize", True)
    zeros, ones = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    fields = {
        **_resize(whole, name, path),
        "kernel": _kernel(whole.get("resample", 3), path),
        "scale": whole.get("rescale_factor", 1 / 255) if whole.get("do_rescale", True) else 1.0,
        "mean": _given(config, "image_mean", path) if normalized else zeros,
        "std": _given(config, "image_std", path) if normalized else ones,
    }
    if name.startswith("EfficientNet") and whole.get("include_top"):
        # Divided once more: EfficientNetImageProcessor.
        fields["std"] = [figure**2 for figure in fields["std"]]
    if whole.get("do_flip_channel_order"):
        fields["colour"] = "BGR"
    check_rule(fields, config, path)
    return fields


def unknown_way(path: Path, what: str) -> InputError:
    """Make the error for images that a Signature cannot describe."""
    return InputError(
        f"cannot prepare images as {path} says: {what}",
        "Take the file that came with the weights, or correct it",
    )


def _resize(config: ForeignJson, name: str, path: Path) -> ForeignJson:
    size, crop = config.get("size", {"shortest_edge": 224}), config.get("crop_size", 224)
    size = {"shortest_edge": size} if isinstance(size, int) else size
    if name.startswith("ConvNext") and "shortest_edge" in size:
        return _convnext(size["shortest_edge"], config["crop_pct"])
    cropped = _edges(crop, path) if config.get("do_center_crop", True) else None
    if not config.get("do_resize", True) and cropped:
        return {"size": cropped, "resize": "none"}
    if "shortest_edge" in size and cropped:
        edge = size["shortest_edge"]
        # LevitImageProcessor resizes to more than it says.
        edge = int(256 / 224 * edge) if name.startswith("Levit") else edge
        return {"size": cropped, "resize": "shortest", "resize_to": edge}
    if {"height", "width"} <= size.keys() and cropped in (None, _edges(size, path)):
        return {"size": _edges(size, path), "resize": "squash"}
    raise unknown_way(path, f"size {size}, crop_size {crop}, which gives no fixed image size")


def _convnext(edge: int, crop_pct: float) -> ForeignJson:
    """Images of 384 pixels and more are squashed, smaller ones cropped (ConvNextImageProcessor)."""
    if edge >= 384:
        return {"size": height_and_width(edge), "resize": "squash"}
    return {"size": height_and_width(edge), "resize": "shortest", "resize_to": int(edge / crop_pct)}


def _edges(size: Any, path: Path) -> tuple[int, ...]:
    if isinstance(size, dict) and {"height", "width"} <= size.keys():
        return (size["height"], size["width"])
    if isinstance(size, int):
        return height_and_width(size)
    raise unknown_way(path, f"crop_size {size}")


def _kernel(resample: Any, path: Path) -> str:
    if resample not in range(len(_KERNELS)):
        raise unknown_way(path, f"resample {resample!r}")
    return _KERNELS[resample]


def _given(config: ForeignJson, key: str, path: Path) -> Any:
    """Mean and std are never guessed: the wrong ones cost accuracy without any error."""
    if key not in config:
        raise unknown_way(path, f"no {key}")
    return config[key]
