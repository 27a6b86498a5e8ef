import numpy as np
import pytest

from edgekit.performance.sustained import first_against_last


def rows(seconds, slower, seed=0):
    random = np.random.default_rng(seed)
    return [
        [float(second), (1 + slower * second / seconds) * (1 + 0.01 * random.standard_normal()), 5]
        for second in range(1, seconds + 1)
    ]


def test_a_run_that_keeps_its_speed():
    found = first_against_last(rows(180, 0.0))
    assert not found.throttled
    assert found.ratio == pytest.approx(1, abs=0.01)
    assert (found.minutes, found.runs) == (3.0, 900)


def test_a_run_that_throttles():
    found = first_against_last(rows(180, 0.3))
    assert found.throttled
    assert found.last_ms > found.first_ms


def test_a_short_run_is_cut_in_halves():
    assert first_against_last(rows(10, 0.5)).ratio > 1.1
