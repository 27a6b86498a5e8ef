"""Which step of preprocessing an app does in another way, told from its tensors of golden samples.

A deviation is one change of one step, as apps really make them. The one whose tensors an app's own
are closest to names the step; the float Detector then says how many decisions it costs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from edgekit.preprocess import preprocess
from edgekit.results.inputs import InputCheck
from edgekit.signature import Preprocessing

Tensor = NDArray[np.float32]
Read = Callable[[Image.Image], Tensor]
# An app that rounds or decodes a little differently is not wrong: two steps of 8 bits.
TOLERANCE = 2.0
_RANGES = {
    "ImageNet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "CLIP": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "-1 to 1": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "0 to 1": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}


@dataclass(frozen=True)
class Deviation:
    """One way to preprocess wrongly.

    Attributes:
        step: `orientation`, `alpha`, `resize`, `crop`, `colour`, `scale`, `normalize` or `layout`.
        name: for people.
        read: from a decoded picture to float32 [1, C, H, W].
    """

    step: str
    name: str
    read: Read


def deviations(rule: Preprocessing) -> Iterator[Deviation]:
    """Yield every deviation that changes what `rule` does."""
    yield from _showings(rule)
    yield from _resizes(rule)
    if rule.channels == 3:
        swapped = "RGB" if rule.colour == "BGR" else "BGR"
        name = f"{swapped} instead of {rule.colour}"
        yield _changed(rule, "colour", name, colour=swapped)
        if rule.mean != rule.mean[::-1] or rule.std != rule.std[::-1]:
            name = f"{name}, after normalization"
            yield Deviation("colour", name, partial(_reversed, rule=rule))
    factor = 1.0 if rule.scale != 1.0 else 1 / 255
    yield _changed(rule, "scale", f"times {factor:.4g} instead of {rule.scale:.4g}", scale=factor)
    for name, (mean, std) in _RANGES.items():
        if rule.channels == 3 and not np.allclose((mean, std), (rule.mean, rule.std), atol=2e-3):
            yield _changed(rule, "normalize", f"{name} mean and deviation", mean=mean, std=std)
    if rule.channels > 1:
        yield Deviation("layout", "NHWC read as NCHW", partial(_misread, rule=rule))


def _showings(rule: Preprocessing) -> Iterator[Deviation]:
    """What happens before any pixel is resampled; it changes only pictures that it matters for."""
    other = "stored" if rule.orientation == "exif" else "exif"
    name = "EXIF not applied" if other == "stored" else "turned by EXIF"
    yield _changed(rule, "orientation", name, orientation=other)
    for alpha in ("white", "black", "drop"):
        if alpha != rule.alpha:
            name = "alpha dropped" if alpha == "drop" else f"transparent pixels over {alpha}"
            yield _changed(rule, "alpha", name, alpha=alpha)


def _resizes(rule: Preprocessing) -> Iterator[Deviation]:
    for kernel in ("nearest", "bilinear", "bicubic", "lanczos"):
        if kernel != rule.kernel:
            yield _changed(rule, "resize", f"{kernel} instead of {rule.kernel}", kernel=kernel)
    for kernel in ("bilinear", "bicubic"):
        read = partial(preprocess, rule=rule, resize=partial(_not_antialiased, kernel=kernel))
        yield Deviation("resize", f"{kernel} without antialiasing", read)
    if rule.resize != "squash":
        squashed = f"squashed instead of {rule.resize}"
        yield _changed(rule, "crop", squashed, resize="squash", resize_to=None)


def _changed(rule: Preprocessing, step: str, name: str, **update: object) -> Deviation:
    return Deviation(step, name, partial(preprocess, rule=rule.model_copy(update=update)))


def _not_antialiased(image: Image.Image, size: tuple[int, int], kernel: str) -> Image.Image:
    """Resize as OpenCV, TensorFlow and GPUs do by default: the kernel's width is not scaled."""
    pixels = torch.from_numpy(np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)[None].copy())
    found = torch.nn.functional.interpolate(
        pixels.float(), size=size[::-1], mode=kernel, align_corners=False, antialias=False
    )
    values = found.round().clamp(0, 255).byte()[0].permute(1, 2, 0).numpy()
    return Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values, image.mode)


def _misread(image: Image.Image, rule: Preprocessing) -> Tensor:
    right = preprocess(image, rule)
    return np.ascontiguousarray(right.transpose(0, 2, 3, 1)).reshape(right.shape)


def _reversed(image: Image.Image, rule: Preprocessing) -> Tensor:
    return np.ascontiguousarray(preprocess(image, rule)[:, ::-1])


def explain(images: Sequence[Image.Image], given: Tensor, rule: Preprocessing) -> InputCheck:
    """Say whether an app's tensors are those of `rule`, and which deviation explains them if not.

    Args:
        images: decoded golden samples.
        given: what the app makes of them, float32 [N, C, H, W].
        rule: the input's preprocessing.

    Returns:
        what they are; the deviation is the one whose tensors are closest, and none where no known
        one comes closer than the rule.
    """
    own = _steps(partial(preprocess, rule=rule), images, given, rule)
    if own <= TOLERANCE:
        return InputCheck(right=True, p99_steps=own)
    found = [(_steps(each.read, images, given, rule), each) for each in deviations(rule)]
    left, nearest = min(found, key=lambda item: item[0])
    if left >= own:
        return InputCheck(right=False, p99_steps=own, left_steps=own)
    return InputCheck(
        right=False, p99_steps=own, step=nearest.step, name=nearest.name, left_steps=left
    )


def _steps(read: Read, images: Sequence[Image.Image], given: Tensor, rule: Preprocessing) -> float:
    """Return the 99th percentile of the difference, in steps of 8 bits of the first channel."""
    step = rule.scale / rule.std[0]
    errors = [np.abs(read(image)[0] - row) for image, row in zip(images, given, strict=True)]
    return float(np.percentile(np.stack(errors), 99)) / step
