"""`edgekit bench`."""

from pathlib import Path

from tests.cli.conftest import Edgekit

KEYS = {"verdict", "evidence", "p50_ms", "p90_ms", "p99_ms", "runs", "peak_mem_bytes", "against"}


def test_bench_compares_with_the_fp32_sibling(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("bench", "build/bundles/x86-int8", "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    result = answer.json
    assert result.keys() >= KEYS
    assert 0 < result["p50_ms"] <= result["p90_ms"] <= result["p99_ms"]
    assert result["runs"] == 10
    assert result["peak_mem_bytes"] > 1e6
    low, high = result["against"]["ci95"]
    assert result["against"]["name"] == "x86-fp32"
    assert low <= result["against"]["ratio"] <= high


def test_an_interpreters_speed_is_no_verdict_about_a_jetson(
    done_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("bench", "build/bundles/jetson-int8", "--json", cwd=done_project)
    assert answer.code == 4
    assert answer.json["evidence"] == "reference"
    assert answer.json["verdict"] == "inconclusive"
