import numpy as np
import pytest

from edgekit.devices import archive
from edgekit.devices.device import RunnerResult
from edgekit.devices.settings import DeviceSettings
from edgekit.devices.timing import Timing, Turns
from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.manifest import NAME
from edgekit.performance.bench import bench_bundle
from edgekit.performance.settings import BenchSettings

SETTINGS = BenchSettings(pairs=2, max_pairs=2, runs=5, warmup=1, launches=1)


def test_a_bundle_is_timed_against_its_fp32_sibling(bundles):
    told = []
    result = bench_bundle(
        bundles.of("x86", "int8"),
        bundles.of("x86", "fp32"),
        SETTINGS,
        progress=lambda done, total: told.append((done, total)),
    )
    assert result.verdict in ("pass", "fail", "inconclusive")
    assert result.evidence == "host"
    assert 0 < result.p50_ms <= result.p90_ms <= result.p99_ms
    assert (result.runs, result.pairs) == (10, 2)
    assert result.throughput_per_s > 0
    assert result.cold_start_ms > result.load_ms > 0
    assert result.peak_mem_bytes > 0
    low, high = result.against.ratio.interval
    assert low <= result.against.ratio.value <= high
    assert result.against.name == "x86-fp32"
    assert told == [(1, 2), (2, 2)]


def test_what_machine_it_was_is_recorded(bundles):
    found = bench_bundle(bundles.of("x86", "fp32"), None, SETTINGS).environment
    assert found["processor"]
    assert found["cores"] >= 1
    assert {"governor", "temperature_c", "numpy", "load_average_after"} <= found.keys()


def test_alone_there_is_no_ratio(bundles):
    result = bench_bundle(bundles.of("x86", "fp32"), None, SETTINGS)
    assert result.against is None
    assert result.verdict == "pass"


class Steady:
    """A device on which everything takes 1 ms, and that notes what it was asked."""

    name, settings = "steady", DeviceSettings(url="local")

    def __init__(self):
        self.asked = []

    def __call__(self, bundle, inputs, request):
        self.asked.append((bundle.name, request))
        turns = Turns(own=((1.0,), (1.0,)), other=((1.0,), (1.0,)))
        timing = Timing(cold_start_ms=1.0, turns=turns)
        return RunnerResult(np.zeros((1, 2)), "a runtime", [], 1.0, 1.0, [1.0], 1, 1, timing)

    def evidence(self, target):
        return target.evidence


def test_the_two_take_turns_in_going_first(bundles):
    device, other = Steady(), bundles.of("x86", "fp32")
    found = bench_bundle(bundles.of("x86", "int8"), other, SETTINGS, device)
    pairs = [(request.against, request.swap) for _, request in device.asked[2:]]
    assert pairs == [(other, False), (other, True)]
    assert found.device == "steady"


@pytest.mark.parametrize("target", ["x86", "android"])
def test_a_fixed_batch_says_so(bundles, target):
    settings = SETTINGS.model_copy(update={"batch": 3})
    found = bench_bundle(bundles.of(target, "fp32"), None, settings).batch
    assert found.size == 3
    assert "does not take 3 images at once" in found.reason


def test_a_sustained_run_holds_its_ends_against_each_other(bundles):
    found = bench_bundle(bundles.of("x86", "fp32"), None, SETTINGS, sustained_s=1.0).sustained
    assert found.minutes > 0.8 / 60
    assert found.runs > 10
    low, high = found.interval
    assert low <= found.ratio <= high


def test_an_interpreters_time_is_no_verdict(bundles):
    result = bench_bundle(bundles.of("jetson", "fp32"), None, SETTINGS)
    assert result.evidence == "reference"
    assert result.verdict == "unavailable"


def test_a_runtime_that_is_not_here_is_told_apart(bundles):
    with pytest.raises(UnavailableError):
        bench_bundle(bundles.of("iphone", "fp32"), None, SETTINGS)


def test_a_changed_bundle_is_refused(bundles, tmp_path):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    (bundle / NAME).write_text((bundle / NAME).read_text().replace("x86", "x87"))
    with pytest.raises(InputError, match="was edited"):
        bench_bundle(bundles.of("x86", "int8"), bundle, SETTINGS)


CRASH = "import os, signal, sys; '--against' in sys.argv and os.kill(os.getpid(), signal.SIGSEGV)\n"


def test_a_runtime_that_crashes_while_it_is_timed_names_its_signal(bundles, monkeypatch):
    monkeypatch.setattr(archive, "MAIN", CRASH + archive.MAIN)
    with pytest.raises(EdgekitError, match="SIGSEGV"):
        bench_bundle(bundles.of("x86", "int8"), bundles.of("x86", "fp32"), SETTINGS)


def test_a_runtime_that_hangs_while_it_is_timed_is_stopped(bundles, monkeypatch):
    monkeypatch.setattr("edgekit.performance.bench.SPARE_S", -1.5)
    with pytest.raises(EdgekitError, match="took more than"):
        bench_bundle(bundles.of("x86", "fp32"), None, SETTINGS, sustained_s=2.0)
