"""Results as `gate_bundle` returns them, without the minutes that measuring takes."""

import pytest

from edgekit.manifest import read_manifest
from edgekit.results.gate import Comparison, GateResult
from edgekit.results.measurement import Measurement
from edgekit.results.ratio import Ratio

BESIDE = Ratio(0.5, 0.4, 0.6, 3)


def result_of(bundle):
    """A result with plausible figures for a bundle."""
    manifest = read_manifest(bundle)
    result = {
        "verdict": "pass",
        "reasons": [],
        "evidence": "host",
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "device": "local",
        "p50_ms": 2.0,
        "p90_ms": 2.2,
        "p99_ms": 2.9,
        "throughput_per_s": 480.0,
        "runs": 300,
        "pairs": 3,
        "threads": 1,
        "load_ms": 5.0,
        "first_ms": 4.0,
        "cold_start_ms": 100.0,
        "peak_mem_bytes": 50_000_000,
        "warmup_runs": 10.0,
        "settled": 3,
        "runtime": "onnxruntime 1.2.3",
        "environment": {"processor": "a processor"},
        "noise": {
            "spread": 0.02,
            "pair_spread": 0.01,
            "drift": 1.0,
            "throttled": False,
            "noisy": False,
        },
        "against": None,
        "samples": {"latency_ms": [1.9, 2.0, 2.1]},
        "measured": {
            "latency": {"value": 2.0, "samples": [1.9, 2.0, 2.1]},
            "size": {"value": manifest.size_bytes},
            "memory": {"value": 5e7, "samples": [5e7, 5.01e7, 4.99e7]},
            "instructions": {"value": 1e6, "about": {"tool": "valgrind 1.0", "threads": 1}},
            "auc": {"value": 0.95, "about": {"test": "0" * 64}},
        },
    }
    return Measurement.from_json(result, "bench.json")


@pytest.fixture
def result(bundles):
    return result_of(bundles.of("x86", "fp32"))


def figure(name, verdict, value=1.1, interval=None):
    return Comparison(
        name=name,
        value=value,
        baseline=1.0,
        change=value - 1.0,
        interval=interval,
        limit=0.03,
        verdict=verdict,
        reason="" if verdict == "pass" else f"{name} <changed> | much",
    )


@pytest.fixture
def gated(result):
    figures = (
        figure("latency", "inconclusive", interval=(-0.01, 0.21)),
        figure("size", "fail"),
        figure("auc", "pass", 0.99),
    )
    return result.with_gate(GateResult(verdict="fail", baseline="base.json", figures=figures))
