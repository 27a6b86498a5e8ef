import math

import pytest

from benchmarks.compare.summary import comparison, geometric_mean, over_students, summarise


def ratio(value, spread=0.0):
    return {
        "value": value,
        "low": value * math.exp(-spread),
        "high": value * math.exp(spread),
        "pairs": 10,
    }


def row(peer, ms, *, own=False, fits=True, error=None, ratios=None):
    latency = {} if error else {"1": {"p50_ms": ms, "ratios": ratios or {}}}
    return {
        "peer": peer, "own": own, "error": error, "within_budget": fits, "latency": latency
    }  # fmt: skip


def rows(own_ms, against, **own):
    return [
        row("fp32", 4.0),
        row("fast-but-wrong", 1.0, fits=False),
        row("crashed", 0.0, error="crashed with SIGSEGV", fits=False),
        row("good", 2.0),
        row("edgekit-int8", own_ms, own=True, ratios=against, **own),
    ]


AGAINST = {"fp32": ratio(0.375), "fast-but-wrong": ratio(1.5), "good": ratio(0.75)}


def test_geometric_mean_of_ratios_and_its_interval():
    found = geometric_mean([ratio(0.5, 0.3), ratio(2.0, 0.4)])
    assert found["value"] == pytest.approx(1.0)
    assert found["high"] == pytest.approx(math.exp(0.25))  # sqrt(0.3^2 + 0.4^2) / 2
    assert found["low"] == pytest.approx(math.exp(-0.25))
    assert found["students"] == 2


def test_compares_with_the_fastest_peer_within_the_budget():
    found = comparison(rows(1.5, AGAINST), "1")
    assert found["fastest_peer"] == "good"
    assert found["ratio"] == AGAINST["good"]
    assert found["against_fp32"] == AGAINST["fp32"]


def test_prefers_what_the_search_chose():
    searched = row("edgekit-auto", 1.2, own=True, ratios=AGAINST)
    assert comparison([*rows(1.5, AGAINST), searched], "1")["entry"] == "edgekit-auto"
    failed = row("edgekit-auto", 1.2, own=True, error="no artifact")
    assert comparison([*rows(1.5, AGAINST), failed], "1")["entry"] == "edgekit-int8"


def test_says_why_a_student_is_left_out():
    only_bad = [row("fast-but-wrong", 1.0, fits=False), row("edgekit-int8", 1.0, own=True)]
    assert "no peer" in comparison(only_bad, "1")
    assert "edgekit" in comparison([row("fp32", 1.0)], "1")


def test_over_students_names_the_worst_and_what_is_out_of_budget():
    slow = {name: ratio(1.2) for name in AGAINST}
    found = over_students(
        {
            "small": rows(1.5, AGAINST),
            "large": rows(2.4, slow, fits=False),
            "bad": [row("fp32", 1.0)],
        },
        "1",
    )
    assert found["against_peers"]["geomean"]["value"] == pytest.approx(math.sqrt(0.75 * 1.2))
    assert found["against_peers"]["worst"]["student"] == "large"
    assert found["out_of_budget"] == ["large"]
    assert list(found["left_out"]) == ["bad"]


def test_summarise_goes_by_runtime_and_threads_and_leaves_failed_students_out():
    students = {
        "small": {"runtimes": {"onnxruntime": rows(1.5, AGAINST)}},
        "broken": {"error": "cannot be prepared"},
    }
    found = summarise(students, (1, 2))
    assert found["onnxruntime"]["1"]["students"]["small"]["fastest_peer"] == "good"
    assert found["onnxruntime"]["2"]["against_peers"] is None
    assert "litert" not in found
