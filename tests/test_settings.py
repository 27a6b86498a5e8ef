import pytest

from edgekit.errors import InputError
from edgekit.settings import Settings


class Inner(Settings):
    count: int = 1


class Outer(Settings):
    name: str
    inner: Inner = Inner()


def test_values_are_read_and_written():
    table = {"name": "a", "inner": {"count": 3}}
    assert Outer.parse(table, "file").to_json() == table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, r"file\.toml: name: Field required"),
        ({"name": "a", "nmae": 1}, r"file\.toml: nmae: .*not permitted \(given: '1'\)"),
        ({"name": "a", "inner": {"count": "x"}}, r"inner\.count: .*integer.*'x'"),
        ([], r"file\.toml: the table: "),
        (None, r"file\.toml: the table: "),
    ],
)
def test_the_first_wrong_key_is_named_in_one_line(table, message):
    with pytest.raises(InputError, match=message) as caught:
        Outer.parse(table, "file.toml")
    assert "\n" not in str(caught.value)


def test_a_long_value_is_not_repeated():
    with pytest.raises(InputError) as caught:
        Inner.parse({"count": "x" * 10_000}, "file")
    assert len(str(caught.value)) < 400


def test_settings_do_not_change():
    with pytest.raises(Exception, match="frozen"):
        Inner().count = 2
