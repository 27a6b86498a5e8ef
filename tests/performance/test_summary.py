import pytest

from edgekit.errors import OutputError
from edgekit.performance.summary import append_summary, summary


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
