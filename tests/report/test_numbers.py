import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.report.numbers import milliseconds, share, signed, size, span


@pytest.mark.parametrize(
    ("value", "text"),
    [(12, "12 B"), (1234, "1.23 kB"), (999_700, "1.00 MB"), (344e6, "344 MB"), (2.5e9, "2.50 GB")],
)
def test_size(value, text):
    assert size(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.123 ms"), (1.5, "1.50 ms"), (9.996, "10.0 ms"), (250, "250 ms")]
)
def test_milliseconds(value, text):
    assert milliseconds(value) == text


def test_what_rounds_to_nothing_has_no_sign():
    assert signed(-1e-9) == signed(1e-9) == "0.0000"
    assert signed(-0.0123) == "\N{MINUS SIGN}0.0123"
    assert span([-0.01, 0.02]) == "\N{MINUS SIGN}0.0100 to +0.0200"
    assert span([0.01, 0.025], share) == "1.0% to 2.5%"


@given(value=st.floats(1, 1e13))
def test_size_is_never_long(value):
    assert len(size(value).split()[0]) <= 5
