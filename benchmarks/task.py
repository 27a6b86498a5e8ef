"""The task that the peer benchmark measures on: photographs, and what small decoders make of them.

Pictures are 256 x 256 and nothing is resampled on the way to a network, because the traces that
tell the classes apart lie in how neighbouring pixels differ.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from benchmarks.photographs import SIDE, SPLITS, Photograph, Pixels, split_photographs
from edgekit.files import read_json, whole_folder, write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.sample import WEIGHTS_FOLDER
from edgekit.sample.dataset import Remake
from edgekit.sample.decoders import UNSEEN, load_decoders, resynthesise

# Pairs of a real and a fake picture that each split should have, about.
PAIRS = {"test": 300, "heldout": 200, "calibration": 64, "validation": 50, "train": 540}
_QUALITIES = (60, 97)
# How much of a fake is the decoder's and not the photograph's: weak ones make the task hard enough
# that students differ and some scores lie near the threshold.
_STRENGTHS = (0.3, 1.0)
_RECORD = "task.json"


def make_task(
    folder: Path, photos: Path | None = None, seed: int = 0, pairs: dict[str, int] = PAIRS
) -> str:
    """Write the five splits, whole or not at all; do nothing when they are there already.

    The layout is `<split>/real/<name>.jpg` and `<split>/fake/<decoder>/<name>.jpg`. No photograph
    is in two splits, and the unseen decoder works for `test` alone.

    Args:
        folder: where the splits will be.
        photos: a folder or a zip of photographs; the sample's own when None.
        seed: decides splits, windows and JPEG qualities.
        pairs: how many pairs each split should have, about.

    Returns:
        the hash of all that the task is made from.

    Raises:
        InputError: when the photographs cannot be used.
        OutputError: when the folder cannot be written.
    """
    recipe = _recipe(photos, seed, pairs)
    digest = sha256_json(recipe)
    if (folder / _RECORD).is_file() and read_json(folder / _RECORD)["sha256"] == digest:
        return digest
    photographs = split_photographs(photos, seed)
    with whole_folder(folder) as work:
        counts = {split: _write_split(work, split, photographs, seed, pairs) for split in SPLITS}
        write_json(work / _RECORD, {"sha256": digest, "recipe": recipe, "pairs": counts})
    return digest


def _recipe(photos: Path | None, seed: int, pairs: dict[str, int]) -> dict[str, Any]:
    """Return what decides every byte of the task."""
    return {
        "photographs": "sample" if photos is None else sha256_tree(photos),
        "decoders": sha256_tree(WEIGHTS_FOLDER),
        "seed": seed,
        "pairs": pairs,
        "qualities": _QUALITIES,
        "strengths": _STRENGTHS,
        "side": SIDE,
    }


def _write_split(
    folder: Path,
    split: str,
    photographs: dict[str, list[Photograph]],
    seed: int,
    pairs: dict[str, int],
) -> int:
    """Write one split and return how many pairs it has."""
    each = max(1, round(pairs[split] / len(photographs[split])))
    count = 0
    for remake in make_remakes(split, photographs[split], each, seed):
        for place, data in (("real", remake.real), (f"fake/{remake.slice}", remake.fake)):
            path = folder / split / place / f"{remake.name}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        count += 1
    return count


def make_remakes(
    split: str, photographs: Sequence[Photograph], each: int, seed: int
) -> Iterator[Remake]:
    """Make `each` pairs from every photograph; the decoders take turns."""
    decoders = load_decoders()
    names = [name for name in decoders if split == "test" or name != UNSEEN]
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    for number in range(len(photographs) * each):
        photograph = photographs[number // each]
        name = names[number % len(names)]
        real = _window(photograph.read(), rng)
        fake = _redraw(real, decoders[name], rng.uniform(*_STRENGTHS))
        quality = int(rng.integers(*_QUALITIES))
        yield Remake(
            name=f"{photograph.name}_{number % each:04d}",
            slice=name,
            real=_encode(real, quality),
            fake=_encode(fake, quality),
        )


def _window(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Take a window of `SIDE` x `SIDE` pixels out of a photograph, as it is."""
    top, left = (int(rng.integers(length - SIDE + 1)) for length in pixels.shape[:2])
    return pixels[top : top + SIDE, left : left + SIDE]


def _redraw(real: Pixels, decoder: nn.Module, strength: float) -> Pixels:
    """Blend a picture with what a decoder makes of it."""
    drawn = resynthesise(decoder, torch.from_numpy(real.copy())[None])[0].numpy()
    mixed = real + strength * (drawn.astype(np.float32) - real)
    if not np.ptp(real, axis=-1).any():
        # A tint that no grey photograph has would give the decoder away for free.
        mixed = np.broadcast_to(mixed.mean(axis=-1, keepdims=True), real.shape)
    return mixed.round().astype(np.uint8)


def _encode(pixels: Pixels, quality: int) -> bytes:
    """Encode as JPEG; both of a pair come this way, so the format tells nothing."""
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
