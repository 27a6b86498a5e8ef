import numpy as np
import pytest

from edgekit.bench.bench import bench_bundle, judge
from edgekit.bench.ratio import Ratio
from edgekit.bench.settings import BenchSettings
from edgekit.devices.device import DEVICES, RunResult
from edgekit.errors import InputError, UnavailableError
from edgekit.export.manifest import NAME

SETTINGS = BenchSettings(pairs=2, runs=5, warmup=1)
GOOD, BAD, OPEN = (Ratio((a * b) ** 0.5, a, b, 6) for a, b in ((0.5, 0.9), (1.1, 2), (0.9, 1.1)))


def test_a_bundle_is_timed_against_its_fp32_sibling(bundles):
    told = []
    result = bench_bundle(
        bundles.of("x86", "int8"),
        bundles.of("x86", "fp32"),
        SETTINGS,
        progress=lambda done, total: told.append((done, total)),
    )
    assert result["verdict"] in ("pass", "fail", "inconclusive")
    assert result["evidence"] == "host"
    assert 0 < result["p50_ms"] <= result["p90_ms"] <= result["p99_ms"]
    assert (result["runs"], result["pairs"]) == (10, 2)
    assert result["peak_mem_bytes"] > 0
    low, high = result["against"]["ci95"]
    assert low <= result["against"]["ratio"] <= high
    assert result["against"]["name"] == "x86-fp32"
    assert told == [(1, 2), (2, 2)]


def test_alone_there_is_no_ratio(bundles):
    result = bench_bundle(bundles.of("android", "fp32"), None, SETTINGS)
    assert result["against"] is None
    assert result["verdict"] == "pass"


def test_the_two_take_turns_in_going_first(bundles, monkeypatch):
    order = []

    def run(bundle, inputs, **options):
        order.append(bundle.name)
        return RunResult(np.zeros((1, 2)), "a runtime", [], 1.0, 1.0, [1.0], 1, 1)

    monkeypatch.setattr("edgekit.bench.bench.device_named", lambda name: run)
    bench_bundle(bundles.of("x86", "int8"), bundles.of("x86", "fp32"), SETTINGS)
    assert order == ["x86-int8", "x86-fp32", "x86-fp32", "x86-int8"]


def test_an_interpreters_time_is_no_verdict(bundles):
    result = bench_bundle(bundles.of("jetson", "fp32"), None, SETTINGS)
    assert result["evidence"] == "reference"
    assert result["verdict"] == "inconclusive"


def test_a_runtime_that_is_not_here_is_told_apart(bundles):
    with pytest.raises(UnavailableError):
        bench_bundle(bundles.of("iphone", "fp32"), None, SETTINGS)


def test_a_changed_bundle_is_refused(bundles, tmp_path):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    (bundle / NAME).write_text((bundle / NAME).read_text().replace("x86", "x87"))
    with pytest.raises(InputError, match="was edited"):
        bench_bundle(bundles.of("x86", "int8"), bundle, SETTINGS)


@pytest.mark.parametrize(
    ("ratio", "budget", "verdict", "lines"),
    [
        (GOOD, None, "pass", 0),
        (BAD, None, "fail", 1),
        (OPEN, None, "inconclusive", 1),
        (None, None, "pass", 0),
        (None, 1.0, "fail", 1),
        (None, 3.0, "pass", 0),
        (OPEN, 1.0, "fail", 2),
        (BAD, 1.0, "fail", 2),
    ],
)
def test_the_worst_figure_decides(ratio, budget, verdict, lines):
    settings = SETTINGS.model_copy(update={"max_p50_ms": budget})
    found, reasons = judge(np.array([1.9, 2.0, 2.1]), ratio, settings, "host")
    assert (found, len(reasons)) == (verdict, lines)


def test_devices_are_known_by_name():
    assert "local" in DEVICES
