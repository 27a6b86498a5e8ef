import pytest

from edgekit.performance.baseline import baseline_of
from edgekit.performance.compare import compare, notes
from edgekit.performance.limits import Limits
from edgekit.results.ratio import Ratio
from edgekit.verdict import worst

BESIDE = {"latency": Ratio(1.0, 0.99, 1.01, 10)}


@pytest.fixture
def baseline(bundles, result):
    return baseline_of(bundles.of("x86", "fp32"), result)


SAME = {"auc": (0.0, 0.0)}


def findings(measured, baseline, paired=BESIDE, judgeable=True, throttled=False, moved=SAME):
    found = compare(measured, baseline, Limits(), paired, judgeable, throttled, moved)
    return {finding.name: finding for finding in found}


def changed(result, name, **changes):
    return {**result.measured, name: result.measured[name].model_copy(update=changes)}


def test_the_same_passes(result, baseline):
    found = findings(result.measured, baseline)
    assert {finding.verdict for finding in found.values()} == {"pass"}
    assert found.keys() == result.measured.keys()
    assert worst(figure.verdict for figure in found.values()) == "pass"


@pytest.mark.parametrize(
    ("name", "factor", "verdict"),
    [
        ("size", 1.05, "fail"),
        ("size", 0.5, "pass"),
        ("instructions", 1.01, "fail"),
        ("instructions", 1.004, "pass"),
    ],
)
def test_figures_that_do_not_vary_are_compared_exactly(result, baseline, name, factor, verdict):
    value = result.measured[name].value * factor
    found = findings(changed(result, name, value=value), baseline)
    assert found[name].verdict == verdict
    assert found[name].interval is None
    assert worst(figure.verdict for figure in found.values()) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(1.04, 1.06, "fail"), (1.0, 1.05, "inconclusive"), (0.9, 0.95, "pass")],
)
def test_the_paired_interval_decides_latency(result, baseline, low, high, verdict):
    paired = {"latency": Ratio((low * high) ** 0.5, low, high, 12)}
    found = findings(result.measured, baseline, paired)["latency"]
    assert found.verdict == verdict
    assert ("pairs would decide it" in found.reason) == (verdict == "inconclusive")


def test_without_the_other_bundle_a_small_change_of_latency_decides_nothing(result, baseline):
    slower = changed(result, "latency", value=2.1, samples=[2.0, 2.1, 2.2])
    found = findings(slower, baseline, {})["latency"]
    assert found.verdict == "inconclusive"
    assert "--against" in found.reason


def test_without_the_other_bundle_a_large_change_is_caught(result, baseline):
    found = findings(changed(result, "latency", samples=[3.9, 4.0, 4.1]), baseline, {})
    assert found["latency"].verdict == "fail"


def test_a_machine_that_throttles_decides_nothing_alone(result, baseline):
    slower = changed(result, "latency", samples=[3.9, 4.0, 4.1])
    found = findings(slower, baseline, {}, throttled=True)["latency"]
    assert found.verdict == "inconclusive"
    assert "grew slower" in found.reason


def test_more_memory_fails(result, baseline):
    found = findings(changed(result, "memory", samples=[6e7, 6.01e7, 6.02e7]), baseline)
    assert found["memory"].verdict == "fail"


def test_a_count_by_another_tool_is_not_compared(result, baseline):
    about = {"tool": "perf 9.9", "threads": 1}
    found = findings(changed(result, "instructions", about=about), baseline)["instructions"]
    assert found.verdict == "inconclusive"
    assert "tool valgrind 1.0 then, perf 9.9 now" in found.reason


@pytest.mark.parametrize(
    ("moved", "verdict"),
    [
        ((-0.001, 0.004), "pass"),
        ((0.001, 0.009), "inconclusive"),
        ((0.006, 0.02), "fail"),
        (None, "inconclusive"),
    ],
)
def test_the_interval_of_its_change_decides_a_share(result, baseline, moved, verdict):
    found = findings(result.measured, baseline, moved={} if moved is None else {"auc": moved})
    assert found["auc"].verdict == verdict
    assert found["auc"].interval == moved
    assert ("--against" in found["auc"].reason) == (verdict == "inconclusive")


def test_a_share_of_other_images_is_not_compared(result, baseline):
    found = findings(changed(result, "auc", about={"test": "1" * 64}), baseline)["auc"]
    assert found.verdict == "inconclusive"
    assert "test 000" in found.reason


def test_an_interpreters_time_is_not_judged_and_its_size_is(result, baseline):
    found = findings(result.measured, baseline, judgeable=False)
    assert found["latency"].verdict == "inconclusive"
    assert found["size"].verdict == "pass"


def test_figures_of_one_side_only_are_left_out(result, baseline):
    measured = {name: result.measured[name] for name in ("size", "latency")}
    assert findings(measured, baseline).keys() == {"latency", "size"}


def test_what_was_not_measured_and_another_student_are_noted(result, baseline):
    student = baseline.detector_sha256
    assert notes(result.measured, baseline, student) == []
    less = {name: found for name, found in result.measured.items() if name != "instructions"}
    (missing,) = notes(less, baseline, student)
    assert missing.startswith("instructions is in the baseline and was not measured")
    assert "--count" in missing
    assert notes(result.measured, baseline, "1" * 64) == [
        "the student is another one than the baseline's"
    ]
