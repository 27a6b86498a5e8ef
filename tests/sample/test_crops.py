import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.sample.crops import SIDE, cut


@settings(max_examples=15, deadline=None)
@given(
    height=st.integers(SIDE, 400),
    width=st.integers(SIDE, 400),
    count=st.integers(0, 3),
    seed=st.integers(0, 2**32),
)
def test_any_photograph_gives_square_crops_and_the_seed_decides_which(height, width, count, seed):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    first, second = (cut(image, count, np.random.default_rng(seed)) for _ in range(2))
    assert first.shape == (count, SIDE, SIDE, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, second)


def test_flat_parts_are_passed_over():
    image = np.zeros((128, 1280, 3), np.uint8)
    image[:, 1000:] = np.random.default_rng(0).integers(0, 256, (128, 280, 3))
    crops = cut(image, 10, np.random.default_rng(0))
    assert all(np.abs(np.diff(crop.astype(int), axis=1)).mean() > 1 for crop in crops)


def test_a_flat_photograph_still_gives_crops():
    assert cut(np.zeros((200, 200, 3), np.uint8), 2, np.random.default_rng(0)).sum() == 0
