import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.histogram import Histogram
from edgekit.calibration.ranges import Ranges, load_ranges
from edgekit.errors import InputError

tensors = arrays(np.float32, st.integers(1, 20), elements=st.floats(-1e9, 1e9, width=32))


def ranges_of(tables):
    histograms = {}
    for name, tensor in tables.items():
        histograms[name] = Histogram()
        histograms[name].add(tensor)
    return Ranges(histograms, 3, "ab")


@given(st.dictionaries(st.text(min_size=1, max_size=8), tensors, min_size=1, max_size=4))
def test_what_is_saved_is_loaded(tmp_path_factory, tables):
    path = tmp_path_factory.mktemp("ranges") / "ranges.npz"
    saved = ranges_of(tables)
    saved.save(path)
    loaded = load_ranges(path)
    assert (loaded.samples, loaded.data_sha256) == (3, "ab")
    assert list(loaded.histograms) == list(tables)
    for name, histogram in saved.histograms.items():
        found = loaded.histograms[name]
        assert (found.exponent, found.low, found.high) == (
            histogram.exponent,
            histogram.low,
            histogram.high,
        )
        assert (found.counts == histogram.counts).all()


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="edgekit calibrate"):
        load_ranges(tmp_path / "ranges.npz")


def test_every_truncation_is_one_clear_error(tmp_path):
    path = tmp_path / "ranges.npz"
    ranges_of({"a": np.ones(3, dtype=np.float32)}).save(path)
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="damaged"):
            load_ranges(path)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", b"\x93NUMPY"])
def test_other_files_are_one_clear_error(tmp_path, content):
    path = tmp_path / "ranges.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        load_ranges(path)


def test_a_pickled_file_is_not_opened(tmp_path):
    path = tmp_path / "ranges.npz"
    np.savez(path, header=np.array([{"format": 1}], dtype=object))
    with pytest.raises(InputError, match="damaged"):
        load_ranges(path)
