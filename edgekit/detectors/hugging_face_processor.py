"""Image processors of transformers: their defaults, and whether edgekit prepares images alike."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgekit.detectors.tables import reason
from edgekit.errors import InputError
from edgekit.preprocess import preprocess
from edgekit.settings import ForeignJson
from edgekit.signature import Preprocessing

_TYPES = ("image_processor_type", "feature_extractor_type")
_CLIP = "CLIPImageProcessor"
# Of the 256 levels: below is rounding and a crop that lies a pixel beside, above another rule.
_ROUNDING = 2 / 255


def with_defaults(config: ForeignJson, path: Path) -> tuple[ForeignJson, str]:
    """Add what the file leaves out; return it with the processor's name.

    Raises:
        InputError: when transformers has no such processor.
    """
    name = _name(config)
    if name == _CLIP:
        return config, name
    found = _processor(config, path).to_dict()
    kept = {key: value for key, value in found.items() if value is not None}
    # A step that the class does not speak of is not made.
    steps = ("do_resize", "do_center_crop", "do_rescale", "do_normalize")
    return {**dict.fromkeys(steps, False), **kept}, name


def check_rule(fields: ForeignJson, config: ForeignJson, path: Path) -> None:
    """Prepare one image by the processor and by the rule.

    CLIP's own is left out: its rule is known, and its tests compare pixels.

    Raises:
        InputError: when they differ by more than rounding and one pixel.
    """
    name = _name(config)
    if name == _CLIP:
        return
    rule = Preprocessing.parse(fields, path)
    image = _gradients()
    try:
        wanted = _processor(config, path)(images=image, return_tensors="np")["pixel_values"]
    except Exception as error:  # whatever a processor raises on settings that it does not take
        raise _refused(name, reason(error), path) from error
    found, allowed = preprocess(image, rule), _ROUNDING + 0.5 / min(rule.size)
    if np.shape(wanted) != found.shape:
        raise _refused(name, f"it gives shape {np.shape(wanted)}, not {found.shape}", path)
    factors = np.reshape(rule.std, (-1, 1, 1)) / (255 * rule.scale)
    if float(np.abs((found - wanted) * factors).mean()) > allowed:
        raise _refused(name, "it gives other pixels than its settings say", path)


def _name(config: ForeignJson) -> str:
    """Return the processor's name as today's transformers has it."""
    found = next((config[key] for key in _TYPES if config.get(key)), _CLIP)
    name = re.sub(r"FeatureExtractor$", "ImageProcessor", str(found))
    return re.sub(r"(Fast|Pil)$", "", name)


def _processor(config: ForeignJson, path: Path) -> Any:
    """Make the processor, the one that works with Pillow where there is one, as edgekit does."""
    import transformers

    name = _name(config)
    # DINOv3's is there for torch only.
    names = (f"{name}Pil", name) if name.endswith("ImageProcessor") else ()
    made = next((found for each in names if (found := getattr(transformers, each, None))), None)
    if made is None:
        raise _refused(name, "transformers has no such image processor", path)
    fields = {key: value for key, value in config.items() if key not in (*_TYPES, "auto_map")}
    try:
        return made(**fields)
    except Exception as error:  # transformers checks settings with several kinds of exception
        raise _refused(name, reason(error), path) from error


def _gradients() -> Image.Image:
    """Three gradients of their own, so that a turned, cropped or swapped image shows."""
    rows, columns = np.linspace(0, 1, 320)[:, None], np.linspace(0, 1, 400)[None]
    planes: list[NDArray[np.float64]] = [rows + 0 * columns, 0 * rows + columns, rows * columns]
    return Image.fromarray((np.stack(planes, -1) * 255).astype(np.uint8))


def _refused(name: str, why: str, path: Path) -> InputError:
    return InputError(
        f"cannot prepare images as {name} of {path} does: {why}",
        "Correct the file, or load the model by kind factory with a signature of its own",
    )
