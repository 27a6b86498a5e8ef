import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.calibration.channels import Channels
from edgekit.calibration.histogram import Histogram
from edgekit.calibration.ranges import Ranges, load_ranges
from edgekit.errors import InputError

tensors = arrays(np.float32, st.integers(1, 20), elements=st.floats(-1e9, 1e9, width=32))


def ranges_of(tables):
    histograms, channels = {}, {}
    for name, tensor in tables.items():
        histograms[name] = Histogram()
        histograms[name].add(tensor)
        channels[name] = Channels(tensor - 1, tensor + 1, tensor)
    early = {name: (float(tensor.min()), 1e10) for name, tensor in tables.items()}
    return Ranges(histograms, 3, "ab", channels, early)


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
        for field in ("low", "high", "mean"):
            mine, theirs = (getattr(item.channels[name], field) for item in (saved, loaded))
            assert mine.tobytes() == theirs.tobytes()
    assert loaded.early == saved.early


def test_a_shared_histogram_is_stored_once_and_the_bytes_do_not_tell_the_time(tmp_path):
    one, two = (ranges_of({"a": np.arange(9, dtype=np.float32)}) for _ in range(2))
    one.save(tmp_path / "one.npz")
    for index in range(50):
        two.histograms[f"view_{index}"] = two.histograms["a"]
    two.save(tmp_path / "two.npz")
    sizes = [(tmp_path / f"{name}.npz").stat().st_size for name in ("one", "two")]
    assert sizes[1] < sizes[0] + 600
    whole = (tmp_path / "one.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    load_ranges(tmp_path / "one.npz").save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == whole


def test_ranges_of_an_older_edgekit_are_made_again(tmp_path):
    path = tmp_path / "ranges.npz"
    header = np.frombuffer(b'{"format": 1, "names": []}', dtype=np.uint8)
    np.savez(path, header=header)
    with pytest.raises(InputError, match=r"format 1, .* Run edgekit calibrate again"):
        load_ranges(path)


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
