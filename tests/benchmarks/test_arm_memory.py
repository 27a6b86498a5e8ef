"""Costs of misses, held against published times."""

import pytest

from benchmarks.arm_memory import CYCLES_PER_MS, table, tried
from benchmarks.published import PI4


def row(network, precision, cycles, l1, l2):
    memory = {"bytes_read": 64e6, "bytes_written": 8e6, "l1_misses": l1, "l2_misses": l2}
    return {
        "network": network,
        "precision": precision,
        "core": "cortex-a72",
        "instructions": cycles,
        "cycles": cycles,
        "memory": memory,
    }


# fp32 is what was published once a miss in L2 costs 100; int8 is so without.
ROWS = [
    *(row(name, "fp32", 0.5 * ms * CYCLES_PER_MS, 0, 0.005 * ms * CYCLES_PER_MS)
      for name, ms in PI4["fp32"].items()),
    *(row(name, "int8", PI4["int8"].get(name, 1) * CYCLES_PER_MS, 0, 0) for name in PI4["fp32"]),
]  # fmt: skip


def test_a_cost_of_misses_is_added_where_there_are_some():
    nothing, some = tried(ROWS, 0, 0), tried(ROWS, 0, 100)
    assert list(nothing["of_published"]["fp32"].values()) == pytest.approx([0.5] * 4)
    assert list(some["of_published"]["fp32"].values()) == pytest.approx([1.0] * 4)
    assert nothing["of_published"]["int8"] == some["of_published"]["int8"]
    assert some["int8_over_fp32"]["MobileNet v1 1.0X"] == pytest.approx(24 / 77)


def test_the_tables_have_every_count_and_cost():
    text = table({"counts": ROWS, "costs": [tried(ROWS, 0, 0), tried(ROWS, 10, 100)]})
    assert len(text.splitlines()) > len(ROWS) + 2
