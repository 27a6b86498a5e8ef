"""How constant counts are beside published times."""

import pytest

from benchmarks.published import PI4, PI5, PIXEL, constants, ratios

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


def test_precisions_are_held_against_each_other_on_each_board():
    names = {*PI4["int8"], *PI5["int8"]}
    both = [
        {"network": name, "precision": precision, "core": core, "instructions": 8, "cycles": cycles}
        for name in names
        for core in ("cortex-a72", "cortex-a76")
        for precision, cycles in (("fp32", 4.0), ("int8", 1.0))
    ]
    found = ratios(both)
    assert [row["board"] for row in found] == ["Raspberry Pi 4"] * 2 + ["Raspberry Pi 5"] * 4
    for row in found:
        assert (row["instructions"], row["cycles"]) == (1.0, 0.25)
        assert 0.2 < row["published"] < 0.4
        assert row["apart"] == pytest.approx(0.25 / row["published"] - 1)
