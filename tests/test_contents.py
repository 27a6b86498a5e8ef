"""Files that are no pictures, known for what they are."""

import io
import zipfile

import numpy as np
import pytest

from edgekit.contents import advice_for, what_is


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a", "b")
    return buffer.getvalue()


def array():
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x1cftypmif1\0\0\0\0", "HEIC"),
        (b"\0\0\0\x1cftypqt  \0\0\0\0", "a film"),
        (archive(), "an archive"),
        (array(), "a NumPy array"),
        (b"\n <html><body>gone</body></html>", "a web page"),
        (b'<?xml version="1.0"?>\n<svg/>', "an SVG drawing"),
        (b'{"error": "gone"}', "JSON text"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(data, name):
    found = what_is(data)
    assert found is not None
    assert found.name == name
    assert found.advice


@pytest.mark.parametrize("data", [b"", b"plain words", b"\xff\xd8\xff\xe0", b"\0" * 30])
def test_what_is_not_known_is_not_guessed(data):
    assert what_is(data) is None


def test_a_suffix_has_advice_where_there_is_any():
    assert "pillow-heif" in advice_for(".heic")
    assert advice_for(".txt") == ""
