"""Read one sample's file for one input: an image, or an array."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from edgekit.errors import InputError
from edgekit.images import decode
from edgekit.preprocess import preprocess, shown
from edgekit.signature import Input


def read_input(
    path: Path, spec: Input, disturb: Callable[[Image], Image] | None = None
) -> NDArray[np.float32]:
    """Read one sample's file for one input.

    Args:
        path: an image file, or a `.npy` array when the input has no preprocessing.
        spec: the input to fill.
        disturb: what happens to the picture as it is shown, in RGB, before it is resized; arrays
            stay as they are.

    Returns:
        float32 array of `spec.shape`.

    Raises:
        InputError: when the file cannot be read as that input.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "Check the file") from error
    if spec.preprocessing is None:
        return _read_array(data, path, spec)
    image = decode(data, path)
    if disturb is not None:
        image = disturb(shown(image, spec.preprocessing).convert("RGB"))
    return preprocess(image, spec.preprocessing, path)


def _read_array(data: bytes, path: Path, spec: Input) -> NDArray[np.float32]:
    try:
        value = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        if value.dtype.kind not in "biuf":
            raise ValueError(f"its type is {value.dtype}")
    except (ValueError, EOFError, OSError, MemoryError) as error:
        raise InputError(
            f"{path} is not a .npy array of numbers: {error}",
            f"Save input {spec.name!r} with numpy.save",
        ) from error
    if value.shape not in (spec.shape, spec.shape[1:]):
        raise InputError(
            f"{path} has shape {value.shape}, input {spec.name!r} wants {spec.shape}",
            "Correct the array or the signature",
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity
        filled = np.ascontiguousarray(value.reshape(spec.shape), dtype=np.float32)
    if not np.isfinite(filled).all():
        raise InputError(f"{path} holds NaN or infinity", "Remove or replace the file")
    return filled
