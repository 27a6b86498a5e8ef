"""Pairs in one process."""

import math

import pytest

from edgekit.devices import local
from edgekit.performance.settings import BenchSettings
from edgekit.performance.take import measure_pair

SETTINGS = BenchSettings(runs=6, warmup=1)


@pytest.mark.parametrize("number", [0, 1])
def test_a_pair_in_one_process_has_a_ratio(bundles, number):
    paths = bundles.of("x86", "int8"), bundles.of("x86", "fp32")
    pair = measure_pair(local.run, *paths, SETTINGS, number)
    assert math.isfinite(pair.log_ratio)
    assert len(pair.own.times_ms) == SETTINGS.runs
    assert pair.other_ms > 0


def test_alone_there_is_no_ratio(bundles):
    pair = measure_pair(local.run, bundles.of("x86", "int8"), None, SETTINGS, 0)
    assert (pair.log_ratio, pair.other_ms) == (None, None)
