import math

import numpy as np
import pytest

from edgekit.performance.noise import log_interval, steadiness


def test_a_steady_machine_is_neither_noisy_nor_throttled():
    levels = 1 + 0.01 * np.random.default_rng(0).standard_normal(20)
    found = steadiness(levels, [0.0, 0.01])
    assert not found.noisy
    assert not found.throttled
    assert found.drift == pytest.approx(1, abs=0.02)


def test_a_machine_that_grows_slower_throttles():
    found = steadiness(np.linspace(1, 1.4, 12), None)
    assert found.throttled
    assert found.drift > 1.2
    assert found.pair_spread is None


def test_a_machine_that_jumps_is_noisy_and_does_not_throttle():
    found = steadiness([1, 1.5, 1, 1.6, 1, 1.4, 1, 1.5, 1], None)
    assert found.noisy
    assert not found.throttled


def test_few_levels_show_no_trend():
    assert steadiness([1.0, 2.0, 3.0], None).drift is None


def test_one_level_says_nothing():
    assert log_interval([1.0]) == (0.0, math.inf)
