"""Pairs in one process and apart."""

import math

import numpy as np
import pytest

from edgekit.bench.pairs import level, measure_pair, takes_two
from edgekit.bench.settings import BenchSettings
from edgekit.devices import local
from edgekit.devices.device import RunResult

SETTINGS = BenchSettings(runs=6, warmup=1)


def apart(bundle, inputs, *, threads=1, warmup=0, runs=0):
    """A transport that cannot time two bundles in one process; int8 takes half as long."""
    times = [1.0 if bundle.name.endswith("int8") else 2.0] * runs
    return RunResult(np.zeros((1, 2)), "", [], 1.0, 1.0, times, threads, 1)


def test_the_transport_says_whether_it_takes_two():
    assert takes_two(local.run)
    assert not takes_two(apart)


@pytest.mark.parametrize("number", [0, 1])
def test_a_pair_apart_has_the_ratio_of_its_levels(bundles, number):
    paths = bundles.of("x86", "int8"), bundles.of("x86", "fp32")
    pair = measure_pair(apart, *paths, SETTINGS, number)
    assert pair.log_ratio == pytest.approx(math.log(0.5))
    assert (pair.own_ms, pair.other_ms) == (1.0, 2.0)


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


def test_the_level_is_hardly_moved_by_interruptions():
    assert level([1.0, 1.0, 1.0, 1.0, 50.0, 80.0]) == 1.0
