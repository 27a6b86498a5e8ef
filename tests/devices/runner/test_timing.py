"""How the runner times."""

import time

import pytest

from edgekit.devices.runner import timing


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("runs", [1, 2, 7, 20])
def test_blocks_go_a_b_b_a(swap, runs):
    order = []
    timing.measure_duet(lambda: order.append("A"), lambda: order.append("B"), 0, runs, swap)
    turns = [name for name, before in zip(order, ["", *order], strict=False) if name != before]
    first, second = ("B", "A") if swap else ("A", "B")
    rounds = max(1, min(timing.QUADS, runs // 2))
    assert turns == [first, second] * rounds + [first]  # neighbours of one kind are one turn
    assert order.count("A") == order.count("B")


def test_a_warm_up_lasts_until_times_settle():
    clock = iter(range(10**6))

    def infer():
        time.sleep(0.004 if next(clock) < 6 else 0.001)

    found = timing.warm_up(infer, timing.UNTIL_STABLE)
    assert found["stable"] in (True, False)  # a busy machine may never settle
    assert found["runs"] > 6


def test_a_warm_up_that_never_settles_is_given_up(monkeypatch):
    monkeypatch.setattr(timing, "LONGEST_NS", 1e8)
    clock = iter(range(10**6))
    found = timing.warm_up(lambda: time.sleep(0.02 * (next(clock) % 2)), timing.UNTIL_STABLE)
    assert found["stable"] is False


def test_a_fixed_warm_up_is_as_long_as_it_says():
    calls = []
    assert timing.warm_up(lambda: calls.append(1), 7) == {"runs": 7, "stable": None}
    assert len(calls) == 7


def test_a_sustained_run_keeps_a_median_for_each_bin():
    rows = timing.measure_sustained(lambda: time.sleep(0.001), 0.4)
    assert len(rows) >= 10
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert all(milliseconds >= 1 and runs >= 1 for _, milliseconds, runs in rows)
