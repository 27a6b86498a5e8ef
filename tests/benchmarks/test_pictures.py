import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.pictures import Pictures, read_pictures

SIDE = 64


def numbered(count: int) -> Pictures:
    """Pictures whose every pixel says where it is; a fake is one brighter than its real one."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    which = np.ones((SIDE, SIDE), int)
    real = np.stack([np.stack([rows, columns, which * index]) for index in range(count)])
    real = torch.from_numpy(real.astype(np.uint8))
    return Pictures(real, real + 1)


@given(
    side=st.integers(1, SIDE),
    pairs=st.integers(1, 4),
    count=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_crops_of_a_pair_lie_at_the_same_place_on_the_grid(side, pairs, count, seed):
    real, fake = numbered(count).crops(side, pairs, np.random.default_rng(seed))
    assert real.shape == fake.shape == (pairs, 3, side, side)
    assert torch.equal(real + 1, fake)
    assert not (real[:, :2, 0, 0] % 8).any()


def test_crops_reach_every_place_and_every_picture():
    real, _ = numbered(3).crops(SIDE - 16, 400, np.random.default_rng(0))
    corners = {tuple(corner) for corner in real[:, :2, 0, 0].tolist()}
    assert corners == {(y, x) for y in (0, 8, 16) for x in (0, 8, 16)}
    assert set(real[:, 2, 0, 0].tolist()) == {0, 1, 2}


def test_read_pictures_matches_each_fake_with_its_real(tmp_path):
    for number, decoder in enumerate(("b", "a", "b")):
        for place, shift in (("real", 0), (f"fake/{decoder}", 5)):
            path = tmp_path / place / f"photo_{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (50 * number + shift,) * 3).save(path, quality=100)
    pictures = read_pictures(tmp_path)
    assert pictures.real.dtype == torch.uint8
    assert pictures.real.shape == pictures.fake.shape == (3, 3, 16, 16)
    assert pictures.real[:, 0, 0, 0].tolist() == [0, 50, 100]
    assert pictures.fake[:, 0, 0, 0].tolist() == [5, 55, 105]
