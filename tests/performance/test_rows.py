from xml.etree import ElementTree

import pytest

from edgekit.errors import OutputError
from edgekit.performance.rows import append_summary, junit, rows, summary
from edgekit.results.timing import Against
from tests.performance.conftest import BESIDE


def test_without_a_gate_the_row_is_the_latency(result):
    against = Against(name="x86-fp32", ratio=BESIDE, bootstrap=BESIDE.interval)
    paired = result.model_copy(update={"against": against})
    (alone,), (beside,) = rows(result), rows(paired)
    assert alone.change == "\u2014"
    assert beside.change == "-50.00% [-60.00%, -40.00%]"


def test_shares_and_amounts_are_written_with_their_units(gated):
    latency, size, auc = rows(gated)
    assert (latency.value, latency.limit) == ("1.100 ms", "3.0%")
    assert size.value == "1 bytes"
    assert (auc.value, auc.limit) == ("0.9900", "0.03")


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


def test_notes_of_the_gate_stand_below_the_table(gated):
    note = "auc is in the baseline and was not measured"
    gate = gated.gate.model_copy(update={"notes": (note,)})
    assert f"- {note}" in summary(gated.with_gate(gate))


def test_summaries_are_appended(gated, tmp_path):
    path = tmp_path / "deep" / "summary.md"
    append_summary(gated, path)
    append_summary(gated, path)
    assert path.read_text().count("### x86-fp32: fail") == 2


def test_a_summary_that_cannot_be_written_is_one_clear_line(gated, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="part of the path is a file"):
        append_summary(gated, tmp_path / "file" / "summary.md")
