"""A bundle's artifact with the arrays that it shall run on."""

import json
import os
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from .errors import NotHereError
from .sessions import session_named


def load_inputs(folder: str, manifest: Dict[str, Any]) -> List[np.ndarray]:
    """Map the inputs into memory, in the Signature's order, without reading them whole."""
    specs = manifest["signature"]["inputs"]
    arrays = [np.load(os.path.join(folder, spec["name"] + ".npy"), mmap_mode="r") for spec in specs]
    for spec, array in zip(specs, arrays):
        if list(array.shape[1:]) != list(spec["shape"])[1:]:
            raise ValueError(f"input {spec['name']} has shape {array.shape}, not {spec['shape']}")
    if len({len(array) for array in arrays}) != 1 or len(arrays[0]) == 0:
        raise ValueError("the inputs hold no samples, or different numbers of them")
    return arrays


def load(
    bundle: str, inputs: str, threads: int, plain: bool = False, taps: Sequence[str] = ()
) -> Tuple[Any, List[np.ndarray]]:
    """Open a bundle's artifact and its inputs."""
    manifest = manifest_of(bundle)
    arrays = load_inputs(inputs, manifest)
    kind = session_named(manifest["runner"])
    if taps and not hasattr(kind, "tapped"):
        raise NotHereError(f"session {manifest['runner']} shows no tensor inside of an artifact")
    more = {"taps": taps} if taps else {}
    return kind(*place_of(bundle, manifest), threads, plain, **more), arrays


def manifest_of(bundle: str) -> Dict[str, Any]:
    """Read a bundle's manifest; whether it is whole was asked before."""
    with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as file:
        found = json.load(file)  # type: Dict[str, Any]
    return found


def place_of(bundle: str, manifest: Dict[str, Any]) -> Tuple[str, List[str]]:
    """Return where a bundle's artifact lies, and the names of its inputs in their order."""
    names = [spec["name"] for spec in manifest["signature"]["inputs"]]
    return os.path.join(bundle, manifest["artifact"]), names


def sample_of(arrays: Sequence[np.ndarray], index: int) -> List[np.ndarray]:
    """Return one sample, float32 [1, ...] by input."""
    return [np.ascontiguousarray(array[index][None]) for array in arrays]
