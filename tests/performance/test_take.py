"""Pairs in one process."""

import math

import pytest

from edgekit.devices import local
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import measure_duet

SETTINGS = BenchSettings(runs=6, warmup=1)


@pytest.mark.parametrize("number", [0, 1])
def test_a_pair_in_one_process_has_a_ratio(bundles, number):
    paths = bundles.of("x86", "int8"), bundles.of("x86", "fp32")
    duet = measure_duet(local.run, *paths, SETTINGS, number)
    assert math.isfinite(duet.log_ratio)
    assert len(duet.own.times_ms) == SETTINGS.runs
    assert duet.other_ms > 0


def test_alone_there_is_no_ratio(bundles):
    duet = measure_duet(local.run, bundles.of("x86", "int8"), None, SETTINGS, 0)
    assert (duet.log_ratio, duet.other_ms) == (None, None)
