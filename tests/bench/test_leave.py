"""What a gate leaves: JUnit XML, Markdown, a history with its picture."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.bench import history
from edgekit.bench.junit import junit
from edgekit.bench.rows import rows
from edgekit.bench.summary import append_summary, summary
from edgekit.bench.trend import picture
from edgekit.errors import InputError, OutputError


def figure(name, verdict, value=1.1, ci95=None):
    return {
        "name": name,
        "value": value,
        "baseline": 1.0,
        "change": value - 1.0,
        "ci95": ci95,
        "limit": 0.03,
        "verdict": verdict,
        "reason": "" if verdict == "pass" else f"{name} <changed> | much",
    }


@pytest.fixture
def gated(result):
    figures = [
        figure("latency", "inconclusive", ci95=[-0.01, 0.21]),
        figure("size", "fail"),
        figure("auc", "pass", 0.99),
    ]
    reasons = [each["reason"] for each in figures if each["reason"]]
    return {
        **result,
        "verdict": "fail",
        "reasons": reasons,
        "gate": {"verdict": "fail", "figures": figures},
    }


def test_junit_has_a_case_for_each_figure(gated):
    root = ElementTree.fromstring(junit(gated).encode())
    suite = root.find("testsuite")
    assert suite.get("tests") == "3"
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "1")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert cases["size"].find("failure").get("message") == "size <changed> | much"
    assert cases["latency"].find("skipped") is not None
    assert len(cases["auc"].findall("failure") + cases["auc"].findall("skipped")) == 0


def test_the_summary_is_a_table_with_a_row_for_each_figure(gated):
    text = summary(gated)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 3
    assert len({line.count("|") for line in table}) == 1
    assert "**fail**" in text


def test_summaries_are_appended(gated, tmp_path):
    path = tmp_path / "deep" / "summary.md"
    append_summary(gated, path)
    append_summary(gated, path)
    assert path.read_text().count("### x86-fp32: fail") == 2


def test_a_summary_that_cannot_be_written_is_one_clear_line(gated, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="part of the path is a file"):
        append_summary(gated, tmp_path / "file" / "summary.md")


def test_without_a_gate_the_row_is_the_latency(result):
    against = {"name": "x86-fp32", "ratio": 0.5, "ci95": [0.4, 0.6]}
    (alone,), (beside,) = rows(result), rows({**result, "against": against})
    assert alone.change == "\u2014"
    assert beside.change == "-50.00% [-60.00%, -40.00%]"


def test_a_history_grows_by_a_line_and_is_drawn(result, tmp_path):
    path = tmp_path / "history.jsonl"
    for _ in range(3):
        history.append(result, path)
    assert len(history.read(path)) == 3
    drawing = ElementTree.fromstring(path.with_suffix(".svg").read_text())
    assert len([part for part in drawing.iter() if part.tag.endswith("circle")]) == 3


@pytest.mark.parametrize("text", ["{", "[]", '{"bundle": "x"}', "3"])
def test_a_damaged_history_is_refused_and_stays(result, tmp_path, text):
    path = tmp_path / "history.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(InputError, match="line 1 is no entry"):
        history.append(result, path)
    assert path.read_text() == text + "\n"


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=40))
def test_every_history_can_be_drawn(times):
    entries = [
        {
            "time": "2026-01-01T00:00:00+00:00",
            "bundle": "a <bundle>",
            "device": "local",
            "p50_ms": ms,
            "latency_ci95": [0.9 * ms, 1.1 * ms],
            "verdict": "pass",
        }
        for ms in times
    ]
    drawing = ElementTree.fromstring(picture(entries))
    assert len([part for part in drawing.iter() if part.tag.endswith("circle")]) == len(times)
