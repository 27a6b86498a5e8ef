"""How constant counts are beside published times."""

import pytest

from benchmarks.published import PIXEL, constants, ratios

TIMES = PIXEL["Pixel"]


def rows(core, precision, per_ms, cycles=None):
    return [
        {
            "network": name,
            "precision": precision,
            "core": core,
            "instructions": per_ms * ms,
            "cycles": None if cycles is None else cycles * ms,
        }
        for name, ms in TIMES.items()
    ]


def test_counts_that_follow_the_times_are_constant():
    (found,) = [row for row in constants(rows("a", "fp32", 7.0)) if row["phone"] == "Pixel"]
    assert found["figure"] == "instructions"
    assert found["per_ms"] == pytest.approx(7.0)
    assert found["farthest"] == pytest.approx(0, abs=1e-9)


def test_one_network_that_does_not_follow_shows():
    counted = rows("a", "fp32", 7.0)
    counted[0]["instructions"] *= 2
    found = next(row for row in constants(counted) if row["phone"] == "Pixel")
    assert max(found["of_mean"], key=found["of_mean"].get) == next(iter(TIMES))
    assert found["farthest"] == pytest.approx(2**0.75 - 1)


def test_precisions_are_held_against_each_other_on_one_core():
    both = rows("cortex-a72", "fp32", 8.0, 4.0) + rows("cortex-a72", "int8", 4.0, 1.0)
    for row in ratios([*both, *rows("cortex-a76", "int8", 1.0, 1.0)]):
        assert (row["instructions"], row["cycles"]) == (0.5, 0.25)
        assert 0.3 < row["published"] < 0.4
