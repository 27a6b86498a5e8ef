"""Verdicts: one order, and one rule for an interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.cli.command import EXIT_CODES, worst_code
from edgekit.verdict import Verdict, held, worst

VERDICTS = st.lists(st.sampled_from(Verdict))
ENDS = st.floats(-10, 10)


@pytest.mark.parametrize(
    ("given_", "speaks"),
    [
        ([], "pass"),
        (["pass", "inconclusive"], "inconclusive"),
        (["inconclusive", "unavailable", "pass"], "unavailable"),
        (["unavailable", "fail", "inconclusive"], "fail"),
    ],
)
def test_the_worst_speaks_for_all(given_, speaks):
    assert worst(map(Verdict, given_)) == speaks


@given(found=VERDICTS)
def test_exit_codes_have_the_same_order(found):
    assert worst_code(EXIT_CODES[verdict] for verdict in found) == EXIT_CODES[worst(found)]


@given(first=ENDS, second=ENDS, limit=ENDS)
def test_an_interval_passes_fails_or_is_open(first, second, limit):
    low, high = sorted((first, second))
    verdict = held((low, high), limit)
    assert (verdict is Verdict.PASS) == (high <= limit)
    assert (verdict is Verdict.FAIL) == (low > limit)
