import re

from edgekit.report.markdown import table
from tests.report.conftest import typed


def test_every_line_of_the_table_has_the_same_cells(results):
    results["bundles"][0]["target"] = "pipe|star*"
    lines = [line for line in table(typed(results)).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 2 + 6
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert r"pipe\|star\*-fp32" in table(typed(results))


def test_a_missing_figure_points_to_its_note(results):
    text = table(typed(results))
    (row,) = [line for line in text.splitlines() if line.startswith("| iphone-fp16")]
    number = re.search(r"—<sup>(\d+)</sup>", row).group(1)
    assert f"\n{number}. Decisions: Core ML runs on macOS only" in text


def test_verdicts_are_words_with_their_evidence(results):
    text = table(typed(results))
    assert "**pass**<br><sub>host</sub>" in text
    assert re.search(r"\*\*fail\*\*<sup>\d+</sup><br><sub>reference</sub>", text)
    assert re.search(r"\*\*inconclusive\*\*<sup>\d+</sup><br><sub>emulated</sub>", text)


def test_a_verdict_that_is_no_pass_points_to_its_reasons(results):
    text = table(typed(results))
    (row,) = [line for line in text.splitlines() if line.startswith("| android-int8")]
    number = re.search(r"\*\*fail\*\*<sup>(\d+)</sup>", row).group(1)
    assert f"\n{number}. Decisions: auc: changed by -0.0410 from 0.9520" in text


def test_no_notes_where_nothing_is_missing(results):
    results["bundles"] = results["bundles"][:2]
    assert table(typed(results)).endswith("|\n")
