"""Evidence: one order."""

import pytest

from edgekit.evidence import Evidence, stronger, weaker

WEAK_TO_STRONG = ["compiled", "reference", "host", "emulated", "device"]


def test_the_order_is_the_one_that_the_documents_give():
    assert list(Evidence) == WEAK_TO_STRONG


@pytest.mark.parametrize("place", range(4))
def test_weaker_and_stronger_agree_with_the_order(place):
    low, high = list(Evidence)[place : place + 2]
    assert weaker(low, high) is weaker(high, low) is low
    assert stronger(low, high) is stronger(high, low) is high
    assert high.reaches(low)
    assert high.reaches(high)
    assert not low.reaches(high)


def test_a_time_counts_on_the_targets_own_runtime_only():
    assert [word for word in Evidence if word.timed] == ["host", "device"]
