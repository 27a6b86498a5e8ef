import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edgekit.distillation.augment import augment

BATCH = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).reshape(2, 3, 4, 4)


@given(st.integers(0, 10**6), st.sets(st.sampled_from(["mirror", "rotate"])))
def test_pixels_are_only_moved(seed, names):
    turned = augment(sorted(names), np.random.default_rng(seed))(BATCH)
    assert turned.shape == BATCH.shape
    for before, after in zip(BATCH.flatten(0, 1), turned.flatten(0, 1), strict=True):
        assert sorted(before.flatten().tolist()) == sorted(after.flatten().tolist())


def test_nothing_is_done_unless_asked_for():
    assert torch.equal(augment((), np.random.default_rng(0))(BATCH), BATCH)


@given(st.integers(0, 10**6))
def test_teacher_and_student_are_turned_alike(seed):
    turn = augment(("mirror", "rotate"), np.random.default_rng(seed))
    small = BATCH[:, :, ::2, ::2]
    assert torch.equal(turn(BATCH).mean((2, 3)), BATCH.mean((2, 3)))
    assert torch.equal(turn(small), turn(small))


def test_all_eight_turns_come_up():
    random = np.random.default_rng(0)
    seen = {
        tuple(augment(("mirror", "rotate"), random)(BATCH).flatten().tolist()) for _ in range(99)
    }
    assert len(seen) == 8


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 4), (2, 3, 4, 6)])
def test_other_shapes_keep_their_shape(shape):
    random = np.random.default_rng(0)
    for _ in range(8):
        assert augment(("mirror", "rotate"), random)(torch.zeros(shape)).shape == shape
