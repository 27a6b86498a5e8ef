import copy
import re
from html.parser import HTMLParser

import pytest

from edgekit.report.page import render
from tests.report.conftest import typed


class Outline(HTMLParser):
    """Collects the tags, attributes and text of a page, and whether its tags close in order."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, page):
        super().__init__()
        self.open, self.attributes, self.tags, self.rows = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += f"{data} "


def row_of(page, name):
    return next(row for row in Outline(page).rows if row and row[0].split()[:1] == [name])


def test_page_is_well_formed_and_loads_and_runs_nothing(results):
    outline = Outline(render(typed(results)))
    assert outline.open == []
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    links = [value for _, name, value in outline.attributes if name in ("href", "src")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import|https?://", render(typed(results)))


def test_every_link_has_its_end(results):
    outline = Outline(render(typed(results)))
    ends = {value for _, name, value in outline.attributes if name == "id"}
    assert {v[1:] for _, name, v in outline.attributes if name == "href"} <= ends


def test_all_models_stand_in_one_table(results):
    page = render(typed(results))
    table = page.split("<table", 2)[1].split("</table>")[0]
    names = ["teacher", "student", "x86-fp32", "x86-int8", "android-int8", "iphone-fp16"]
    assert all(name in table for name in names)


def test_summary_counts_every_verdict(results):
    page = render(typed(results))
    lead = re.sub(r"<[^>]+>|\s+", " ", page.split('class="lead">')[1].split("</p>")[0])
    words = " ".join(lead.split())
    assert words == (
        "6 artifacts. Decisions: 2 pass 1 fail 1 inconclusive 2 not judged here "
        "Speed: 2 pass 4 not judged here"
    )


def test_what_was_not_judged_has_a_dash_and_a_reason_everywhere(results):
    page = render(typed(results))
    row = row_of(page, "iphone-fp16")
    assert all(cell.startswith("—") for cell in (*row[1:6], row[7], row[8]))
    assert "not judged here" in row[6]
    assert "not judged here" in row[9]
    assert "Decisions: Core ML runs on macOS only" in page


def test_time_of_an_interpreter_is_not_the_targets(results):
    page = render(typed(results))
    row = row_of(page, "android-int8")
    assert "not judged here" in row[9]
    assert "ms" not in row[7]
    assert "android-int8 took 41.0 ms with evidence" in page
    assert "android-int8" not in page.split('<svg viewBox="0 0')[1].split("</svg>")[0]


def test_failures_stand_in_full_and_inconclusive_says_how_many_images(results):
    page = render(typed(results))
    assert "auc: changed by -0.0410 from 0.9520 (95% interval -0.0450 to -0.0370)" in page
    assert "about 2,400 images would decide" in page


def test_names_and_reasons_cannot_become_markup(results):
    bad = '<script>alert("x")</script>'
    results["project"] = bad
    results["bundles"][0]["target"] = bad
    results["bundles"][2]["verify"]["failures"] = [bad]
    results["bundles"][4]["verify"]["reason"] = bad
    results["machine"]["processor"] = bad
    page = render(typed(results))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_without_bundles_or_figures_the_page_still_stands(results):
    results["bundles"] = []
    assert "0 artifacts" in render(typed(results))
    results["detectors"] = []
    assert Outline(render(typed(results))).open == []


def test_many_bundles_are_numbered_in_the_plot(results):
    for number in range(44):
        extra = copy.deepcopy(results["bundles"][1])
        extra["target"] = f"device{number}"
        results["bundles"].append(extra)
    page = render(typed(results))
    assert "50 artifacts" in page
    assert "device43-int8" in page.split('class="numbers"')[1].split("</ol>")[0]


def test_a_run_that_broke_shows_why_in_place_of_its_figures(results):
    verify = results["bundles"][1]["verify"]
    broken = "scores: 900 of the artifact's 900 are NaN or infinite"
    verify |= {"verdict": "fail", "failures": [broken]}
    for name in ("auc", "ap", "accuracy"):
        verify["decision"][name] |= {"artifact": None, "ci95": None}
    verify["decision"]["flips"] |= {"count": None, "rate": None, "ci95": None}
    row = row_of(render(typed(results)), "x86-int8")
    assert row[1].startswith("—")
    assert row[6].split() == ["fail", "1", "host"]


def test_a_speed_that_failed_says_why(results):
    slow = "ratio 1.355 [1.327, 1.384], budget 1: slower"
    results["bundles"][1]["bench"] |= {"verdict": "fail", "reasons": [slow]}
    page = render(typed(results))
    assert f"<li>{slow}</li>" in page
    assert f">Speed: {slow}</li>" in page
    assert "without a reason" not in page


def test_a_speed_on_a_strangers_core_is_shown_and_not_judged(results):
    reason = "timed on Example CPU (x86_64), which target x86 is not for"
    results["bundles"][1]["bench"] |= {"verdict": "unavailable", "reasons": [reason]}
    page = render(typed(results))
    row = row_of(page, "x86-int8")
    assert row[7].startswith("3.40 ms")
    assert "not judged here" in row[9]
    assert f">Speed: {reason}</li>" in page


def test_a_target_that_was_refused_is_a_row_with_its_reason(results):
    error = "jetson cannot be built. Install it."
    nothing = {"verdict": "unavailable", "reason": f"not built: {error}"}
    results["bundles"][5] |= {"error": error, "verify": nothing, "bench": nothing}
    page = render(typed(results))
    row = row_of(page, "jetson-int8")
    assert "not built" in row[0]
    assert "not judged here" in row[6]
    assert f"Decisions: not built: {error}" in page
    assert f"<li>{error}</li>" in page


@pytest.mark.parametrize("word", ["device", "emulated", "host", "reference", "compiled"])
def test_every_evidence_word_is_explained(results, word):
    assert f"<dt>{word}</dt>" in render(typed(results))
