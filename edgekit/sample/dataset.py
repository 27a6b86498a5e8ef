"""The sample dataset: real crops and their re-syntheses, as JPEG files in class folders."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from edgekit.files import whole_folder
from edgekit.progress import Progress
from edgekit.sample.crops import Pixels, cut
from edgekit.sample.decoders import UNSEEN, load_decoders, resynthesise
from edgekit.sample.photographs import SPLITS, Photograph, Split, load, of_split
from edgekit.sample.sources import sources_table

CROPS: dict[Split, int] = {"train": 195, "calibration": 51, "validation": 75, "test": 160}
_QUALITIES = range(85, 97)


@dataclass(frozen=True)
class Remake:
    """A crop and what one decoder made of it, encoded alike.

    Attributes:
        name: `<photograph>_<number>`.
        slice: the decoder's name.
        real: JPEG bytes of the crop.
        fake: JPEG bytes of the re-synthesis, of the same quality.
    """

    name: str
    slice: str
    real: bytes
    fake: bytes


def make_dataset(
    folder: Path,
    seed: int = 0,
    progress: Progress | None = None,
    crops: dict[Split, int] = CROPS,
) -> None:
    """Write the sample dataset, whole or not at all.

    The layout is `<split>/real/<photo>_<n>.jpg` and `<split>/fake/<slice>/<photo>_<n>.jpg`, with
    `SOURCES.md` beside. The same seed gives the same bytes on the same kind of processor.

    Args:
        folder: where the dataset will be.
        seed: decides positions, scales and JPEG qualities of the crops.
        progress: called with the images written so far and in all.
        crops: how many crops each photograph gives, by split.

    Raises:
        OutputError: when the folder cannot be written.
    """
    decoders = load_decoders()
    total = sum(2 * crops[split] * len(of_split(split)) for split in SPLITS)
    done = 0
    with whole_folder(folder) as work:
        (work / "SOURCES.md").write_text(sources_table(), encoding="utf-8")
        for split in SPLITS:
            for remake in remakes(split, crops[split], seed, decoders):
                _write(work / split, remake)
                done += 2
                if progress is not None:
                    progress(done, total)


def remakes(
    split: Split, count: int, seed: int, decoders: dict[str, nn.Module]
) -> Iterator[Remake]:
    """Make `count` remakes of crops from each photograph of a split.

    The decoders take turns; the unseen one only in `test`.
    """
    names = [name for name in decoders if split == "test" or name != UNSEEN]
    for number, photograph in enumerate(of_split(split)):
        rng = np.random.default_rng([seed, SPLITS.index(split), number])
        reals = cut(load(photograph), count, rng)
        fakes = _redraw(reals, photograph, [decoders[name] for name in names])
        for index, (real, fake) in enumerate(zip(reals, fakes, strict=True)):
            quality = int(rng.choice(_QUALITIES))
            yield Remake(
                name=f"{photograph.name}_{index:04d}",
                slice=names[index % len(names)],
                real=_encode(real, quality),
                fake=_encode(fake, quality),
            )


def _redraw(reals: Pixels, photograph: Photograph, decoders: list[nn.Module]) -> Pixels:
    """Re-synthesise every crop, by each decoder in turn."""
    fakes = np.empty_like(reals)
    for turn, decoder in enumerate(decoders):
        batch = torch.from_numpy(reals[turn :: len(decoders)])
        fakes[turn :: len(decoders)] = resynthesise(decoder, batch).numpy()
    # A tint that no grey photograph has would give the decoder away for free.
    return _grey(fakes) if photograph.grey else fakes


def _grey(images: Pixels) -> Pixels:
    """Replace the three channels by their mean."""
    mean = images.mean(axis=-1, keepdims=True).round().astype(np.uint8)
    return np.broadcast_to(mean, images.shape)


def _encode(pixels: Pixels, quality: int) -> bytes:
    """Encode as JPEG; real and fake both come this way, so the format tells nothing."""
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _write(folder: Path, remake: Remake) -> None:
    for place, data in (("real", remake.real), (f"fake/{remake.slice}", remake.fake)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / f"{remake.name}.jpg").write_bytes(data)
