import json

import pytest

from edgekit.errors import EdgekitError, InputError
from edgekit.performance.baseline import baseline_of, write_baseline
from edgekit.performance.gate import Gate, gate_bundle
from edgekit.performance.limits import parse_limits
from edgekit.performance.settings import BenchSettings
from edgekit.results.measurement import Measurement
from tests.performance.conftest import result_of

SETTINGS = BenchSettings(pairs=2, max_pairs=2, runs=4, warmup=1, launches=2)
WIDE = parse_limits(["900%"])


def test_a_bundle_passes_the_gate_of_its_own_baseline(bundles, tmp_path):
    bundle, path = bundles.of("x86", "fp32"), tmp_path / "baselines" / "x86.json"
    written = gate_bundle(bundle, Gate(baseline=path, update=True), SETTINGS)
    assert written.updated == str(path)
    gate = Gate(
        baseline=path,
        against=bundle,
        limits=WIDE,
        junit=tmp_path / "junit.xml",
        summary=tmp_path / "summary.md",
        history=tmp_path / "history.jsonl",
    )
    result = gate_bundle(bundle, gate, SETTINGS)
    figures = {figure.name: figure.verdict for figure in result.gate.figures}
    assert figures["size"] == "pass"
    assert {"latency", "memory"} <= figures.keys()
    assert {path.name for path in tmp_path.iterdir()} == {
        "baselines",
        "junit.xml",
        "summary.md",
        "history.jsonl",
        "history.svg",
    }


def test_an_update_without_a_file_is_refused(bundles):
    with pytest.raises(InputError, match="--baseline FILE"):
        gate_bundle(bundles.of("x86", "fp32"), Gate(update=True), SETTINGS)


def test_a_baseline_of_another_processor_is_refused(bundles, tmp_path):
    bundle, path = bundles.of("x86", "fp32"), tmp_path / "baseline.json"
    write_baseline(baseline_of(bundle, result_of(bundle)), path)
    with pytest.raises(InputError, match="processor"):
        gate_bundle(bundle, Gate(baseline=path), SETTINGS)


def test_a_wrong_baseline_is_refused_before_anything_runs(bundles, tmp_path, monkeypatch):
    bundle, path = bundles.of("x86", "fp32"), tmp_path / "baseline.json"
    path.write_text("{")
    monkeypatch.setattr("edgekit.performance.gate.bench_bundle", None)
    with pytest.raises(InputError, match="not readable JSON"):
        gate_bundle(bundle, Gate(baseline=path), SETTINGS)


def test_a_machine_that_throttles_makes_no_baseline(bundles, tmp_path, monkeypatch):
    bundle, path = bundles.of("x86", "fp32"), tmp_path / "baseline.json"
    measured = gate_bundle(bundle, Gate(), SETTINGS)
    noise = measured.noise.model_copy(update={"throttled": True, "drift": 1.4})
    measured = measured.model_copy(update={"noise": noise})
    monkeypatch.setattr("edgekit.performance.gate.bench_bundle", lambda *arguments: measured)
    with pytest.raises(EdgekitError, match="grew slower"):
        gate_bundle(bundle, Gate(baseline=path, update=True), SETTINGS)
    assert not path.exists()


def test_the_result_comes_back_from_its_json(bundles):
    result = gate_bundle(bundles.of("android", "fp32"), Gate(), SETTINGS)
    written = json.dumps(result.to_json(), allow_nan=False)
    assert Measurement.from_json(json.loads(written), "bench.json") == result
