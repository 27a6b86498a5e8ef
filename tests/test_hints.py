"""What suggests that images depend on one another."""

import numpy as np
import pytest
from PIL import Image

from edgekit.dataset import open_dataset
from edgekit.hints import hint_of, with_hint
from edgekit.survey import survey
from tests.test_groups import ONE


def write(folder, names, alike=False):
    """Write pictures of noise for both classes; near-duplicates differ by little."""
    rng = np.random.default_rng(0)
    base = rng.integers(0, 200, (32, 32, 3))
    for label in ("real", "fake"):
        (folder / label).mkdir()
        for name in names:
            pixels = (
                base + rng.integers(0, 4, base.shape) if alike else rng.integers(0, 255, base.shape)
            )
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / name)
    return open_dataset(folder, ONE)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([f"{video}_{i}.png" for video in "abc" for i in range(4)], "of 3 groups"),
        ([f"{i:03d}.png" for i in range(9)], None),
        ([f"IMG_{i:03d}.png" for i in range(9)], None),
        ([f"{chr(97 + i)}x1.png" for i in range(9)], None),
    ],
)
def test_running_numbers_behind_shared_names_are_told(tmp_path, names, said):
    hint = hint_of(write(tmp_path, names))
    assert (hint is None) == (said is None)
    assert said is None or said in hint


def test_neighbours_that_look_alike_are_told_unless_groups_are(tmp_path):
    data = write(tmp_path, [f"{i}.png" for i in range(6)], alike=True)
    (note,) = with_hint(survey(data), data).notes
    assert "of 10 neighbouring images look alike: say which belong together" in note
    told = open_dataset(tmp_path, ONE, "(.)")
    assert with_hint(survey(told), told).notes == ()
