"""Records: how they are written and read."""

import json

import pytest

from edgekit.errors import InputError
from edgekit.results.matrix import NotedMatrix
from edgekit.results.unmeasured import Unmeasured


def test_a_record_comes_back_and_says_its_format(tmp_path):
    path, found = tmp_path / "x.json", Unmeasured.unavailable("no Mac")
    found.write(path)
    assert json.loads(path.read_text()) == {
        "format": 1,
        "verdict": "unavailable",
        "reason": "no Mac",
    }
    assert Unmeasured.read(path) == found


def test_a_file_of_an_older_edgekit_has_no_format():
    old = {"verdict": "fail", "reason": "it crashed", "failures": ["it crashed"]}
    assert Unmeasured.from_json(old, "x.json") == Unmeasured.failure("it crashed")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"format": 2}, r"x\.json has format 2, this edgekit reads format 1\. "),
        ({"format": "new", "verdict": "pass"}, "has format new, this edgekit reads format 1"),
        ({"verdict": "good", "reason": ""}, r"x\.json: verdict: .*'good'.* Make it again"),
        ({"verdict": "fail"}, r"x\.json: reason: Field required\. Make it again"),
        ([], r"x\.json: the table: "),
        (None, r"x\.json: the table: "),
    ],
)
def test_what_cannot_be_read_is_one_line(value, line):
    with pytest.raises(InputError, match=line) as caught:
        Unmeasured.from_json(value, "x.json")
    assert "\n" not in str(caught.value)


def test_a_file_that_was_cut_short_is_one_line(tmp_path):
    path = tmp_path / "x.json"
    NotedMatrix(device={}, matrix={}).write(path)
    path.write_text(path.read_text()[:-5])
    with pytest.raises(InputError, match="not readable JSON"):
        NotedMatrix.read(path)
