"""How fast a candidate is: timed where the Target runs, counted where it does not."""

import pytest

from edgekit.devices.device import device_named
from edgekit.devices.emulated import Emulated
from edgekit.devices.settings import DeviceSettings
from edgekit.performance.settings import BenchSettings
from edgekit.search.pace import counted, counting_core, timed
from edgekit.target import target_named

FEW = BenchSettings(pairs=2, max_pairs=2, runs=5, warmup=1)


@pytest.mark.parametrize(
    ("target", "machine", "transport"),
    [
        ("android", "x86_64", "emulated"),
        ("android", "aarch64", None),
        ("x86", "x86_64", None),
        ("intel", "x86_64", None),
        ("jetson", "x86_64", None),
    ],
)
def test_what_the_machine_is_not_for_is_counted(target, machine, transport, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: machine)
    core = counting_core(target_named(target), device_named("local"))
    assert (core.settings.transport if core else None) == transport


def test_an_emulated_core_counts_itself():
    core = Emulated("pi4", DeviceSettings(url="emulated", cpu="cortex-a72"))
    assert counting_core(target_named("android"), core) is core


def test_a_time_comes_with_its_interval_and_processor(bundles):
    own, other = bundles.of("x86", "int8"), bundles.of("x86", "fp32")
    found = timed(device_named("local"))(own, other, FEW)
    assert found.interval[0] <= found.ratio <= found.interval[1]
    assert found.p50_ms > 0
    assert found.cycles is None
    assert found.timed_on["machine"]


@pytest.mark.slow
def test_int8_takes_fewer_cycles_of_an_arm_core(bundles):
    """On x86 without VNNI its time says the opposite."""
    measure = counted(device_named("emulated"))
    own, other = bundles.of("android", "int8"), bundles.of("android", "fp32")
    found = measure(own, other, FEW)
    assert 0.1 < found.ratio < 1
    assert found.interval == (found.ratio, found.ratio)
    assert found.timed_on == {"processor": "cortex-a76", "machine": "aarch64"}
    assert found.p50_ms is None
    assert measure(other, None, FEW).ratio == 1
