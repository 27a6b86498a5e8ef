"""Read `preprocessor_config.json`: from transformers' CLIPImageProcessor to our Preprocessing."""

from pathlib import Path
from typing import Any

from edgekit.detectors.tables import pair
from edgekit.errors import InputError

# Pillow's numbers, which `resample` holds.
_KERNELS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")


def preprocessing_of(config: Any, path: Path) -> dict[str, Any]:
    """Return the fields of a Preprocessing.

    What the file leaves out has CLIPImageProcessor's own default.

    Raises:
        InputError: when it describes a way that a Signature does not know.
    """
    if not isinstance(config, dict):
        raise _unknown(path, "it is no JSON object")
    normalized = config.get("do_normalize", True)
    zeros, ones = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    return {
        **_resize(config, path),
        "kernel": _kernel(config.get("resample", 3), path),
        "scale": config.get("rescale_factor", 1 / 255) if config.get("do_rescale", True) else 1.0,
        "mean": _figures(config, "image_mean", path) if normalized else zeros,
        "std": _figures(config, "image_std", path) if normalized else ones,
    }


def _resize(config: dict[str, Any], path: Path) -> dict[str, Any]:
    size, crop = config.get("size", {"shortest_edge": 224}), config.get("crop_size", 224)
    size = {"shortest_edge": size} if isinstance(size, int) else size
    cropped = _edges(crop, path) if config.get("do_center_crop", True) else None
    if not config.get("do_resize", True) and cropped:
        return {"size": cropped, "resize": "none"}
    if "shortest_edge" in size and cropped:
        return {"size": cropped, "resize": "shortest", "resize_to": size["shortest_edge"]}
    if {"height", "width"} <= size.keys() and cropped in (None, _edges(size, path)):
        return {"size": _edges(size, path), "resize": "squash"}
    raise _unknown(path, f"size {size}, crop_size {crop}, which gives no fixed image size")


def _edges(size: Any, path: Path) -> tuple[int, ...]:
    if isinstance(size, dict) and {"height", "width"} <= size.keys():
        return (size["height"], size["width"])
    if isinstance(size, int):
        return pair(size)
    raise _unknown(path, f"crop_size {size}")


def _kernel(resample: Any, path: Path) -> str:
    if resample not in range(len(_KERNELS)):
        raise _unknown(path, f"resample {resample!r}")
    return _KERNELS[resample]


def _figures(config: dict[str, Any], key: str, path: Path) -> Any:
    """Mean and std are never guessed: the wrong ones cost accuracy without any error."""
    if key not in config:
        raise _unknown(path, f"no {key}")
    return config[key]


def _unknown(path: Path, what: str) -> InputError:
    return InputError(
        f"cannot prepare images as {path} says: {what}",
        "Take the file that came with the weights, or correct it",
    )
