"""Inputs arrive on a board bit by bit as they were sent."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edgekit.devices import board
from edgekit.devices.coding import coded


def arrived(folder, array):
    """Send an array to a folder; return what lies there and how many bytes went."""
    described, data = coded("image", array)
    board._write_inputs([described], io.BytesIO(data), str(folder))
    return np.load(folder / "image.npy"), len(data)


def pictures(samples, size=20, seed=0):
    """Preprocessed 8-bit pictures, another mean for each channel."""
    pixels = np.random.default_rng(seed).integers(0, 256, (samples, 3, size, size))
    mean = np.float32([0.5, 0.4, 0.3]).reshape(3, 1, 1)
    return (pixels.astype(np.float32) / np.float32(255) - mean) / np.float32(0.26)


@pytest.mark.parametrize("samples", [1, 2, 7])
def test_pictures_take_a_byte_for_each_value(samples, tmp_path):
    array = pictures(samples)
    found, sent = arrived(tmp_path / "in", array)
    np.testing.assert_array_equal(found.view(np.uint32), array.view(np.uint32))
    assert sent == array.size


def test_values_that_appear_late_are_kept(tmp_path):
    array = np.zeros((5, 2, 3, 3), dtype=np.float32)
    array[1:, 0] = -1.5
    array[3, 1, 0, 0] = 7
    array[4, 0, 2, 2] = -9
    found, sent = arrived(tmp_path / "in", array)
    np.testing.assert_array_equal(found, array)
    assert sent == array.size


def test_other_floats_go_as_they_are(tmp_path):
    array = np.random.default_rng(0).standard_normal((2, 3, 40, 40)).astype(np.float32)
    found, sent = arrived(tmp_path / "in", array)
    np.testing.assert_array_equal(found, array)
    assert sent == array.nbytes


@given(
    array=arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=1, max_dims=4, max_side=5),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
    )
)
def test_every_array_arrives_bit_by_bit(array, tmp_path_factory):
    found, _ = arrived(tmp_path_factory.mktemp("board") / "in", array)
    assert found.shape == array.shape
    np.testing.assert_array_equal(found.view(np.uint32), array.view(np.uint32))


def test_a_cut_connection_is_no_shorter_input(tmp_path):
    described, data = coded("image", pictures(2))
    with pytest.raises(board.RefusedError, match="connection"):
        board._write_inputs([described], io.BytesIO(data[:-1]), str(tmp_path / "in"))
