"""Signs that images of a dataset depend on one another, where nobody said which do.

Frames of a video carry its name and a running number, and they look alike. Neither is a proof, so
nothing is grouped by it: a line says what was seen and how to say which images belong together.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgekit.dataset import Dataset
from edgekit.images import open_picture
from edgekit.survey import Survey

_NUMBERED = r"(.*[^\W\d_].*?)[-_. ]*\d+\.[^.]*$"
_FEWEST, _LOOKED, _ALIKE, _MANY = 3, 48, 6, 0.25
_SIDE = 8


def with_hint(found: Survey, data: Dataset) -> Survey:
    """Add a line to a Survey's notes where images seem to depend on one another."""
    hint = None if data.groups is not None else hint_of(data)
    return found if hint is None else found.model_copy(update={"notes": (*found.notes, hint)})


def hint_of(data: Dataset) -> str | None:
    """Say why images seem to depend on one another; None where nothing suggests it."""
    advice = "say which belong together with `groups` in [data], or intervals are too narrow"
    stems = Counter(_stems(data))
    if len(stems) > 1 and sum(stems.values()) >= _FEWEST * len(stems):
        example, count = stems.most_common(1)[0]
        seem = f"{sum(stems.values())} of {len(data)} file names seem to be of {len(stems)} groups"
        return f"{seem} ({count} are {example!r} and a number): {advice}"
    alike, looked = _near_duplicates(data)
    if looked and alike >= _MANY * looked:
        return f"{alike} of {looked} neighbouring images look alike: {advice}"
    return None


def _stems(data: Dataset) -> Iterator[str]:
    """Yield what stands before the running number of each file's name that has both."""
    for sample in data.samples:
        found = re.match(_NUMBERED, sample.paths[0].name)
        if found:
            yield found[1]


def _near_duplicates(data: Dataset) -> tuple[int, int]:
    """Count near-duplicates among neighbours, some 48 of them evenly over the samples."""
    pictured = [spec.preprocessing is not None for spec in data.signature.inputs]
    if True not in pictured or len(data) < 2:
        return 0, 0
    which, last = pictured.index(True), len(data) - 2
    places = np.unique(np.linspace(0, last, min(_LOOKED, last + 1)).round().astype(int))
    alike = looked = 0
    for place in places:
        here, there = data.samples[place], data.samples[place + 1]
        if here.label == there.label:
            looked += 1
            alike += _differ(here.paths[which], there.paths[which]) <= _ALIKE
    return alike, looked


def _differ(first: Path, second: Path) -> int:
    return int(np.count_nonzero(_gradients(first) != _gradients(second)))


def _gradients(path: Path) -> NDArray[np.bool_]:
    """Tell where a small grey copy grows lighter to the right, 64 bits (a "difference hash")."""
    image = open_picture(path.read_bytes(), path)
    image.draft("L", (64, 64))
    small = image.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    rows = np.asarray(small, dtype=np.int16)
    return np.asarray(rows[:, 1:] > rows[:, :-1] + 1)
