"""The picture of a search."""

import re
from xml.etree import ElementTree

import pytest

from edgekit.report.page import render
from edgekit.report.trials import picture
from edgekit.results.search import SearchResult
from tests.report.conftest import typed

SPACE = "{http://www.w3.org/2000/svg}"


def trial(name, ratio=0.5, drop=0.001, outcome="pass"):
    known = ratio is not None
    return {
        "name": name,
        "key": f"key of {name}",
        "outcome": outcome,
        "reason": "" if known else "the runtime crashed with SIGSEGV",
        "ratio": ratio,
        "ci95": [ratio - 0.02, ratio + 0.02] if known else None,
        "p50_ms": 2.0 if known else None,
        "size_bytes": 1000 if known else None,
        "seconds": 1.0,
        "auc_drop": drop if known else None,
        "flips": 0.01 if known else None,
        "class_flips": None,
    }


@pytest.fixture
def search():
    names = [trial("fp32", 1.0, 0.0), trial("int8", 0.4, 0.2, "fail"), trial("int8 <b>", 0.6)]
    return {
        "chosen": "int8 <b>",
        "key": "key of int8 <b>",
        "verdict": "pass",
        "reason": "",
        "auc_budget": 0.002,
        "trials": [*names, trial("dynamic", None, outcome="crashed")],
    }


def drawn(search):
    return ElementTree.fromstring(picture(SearchResult.from_json(search, "x86.json"), alone=True))


def places(root):
    found = {}
    for path in root.iter(f"{SPACE}path"):
        title = path.find(f"{SPACE}title")
        if title is not None:
            x, y = re.findall(r"[\d.]+", path.get("transform"))
            found[title.text.split(":")[0]] = (float(x), float(y), path.get("d"))
    return found


def test_faster_is_left_and_less_loss_is_down(search):
    found = places(drawn(search))
    assert set(found) == {"fp32", "int8", "int8 <b>"}
    assert found["int8"][0] < found["int8 <b>"][0] < found["fp32"][0]
    assert found["int8"][1] < found["int8 <b>"][1] < found["fp32"][1]


def test_the_chosen_one_and_what_is_beyond_the_picture_have_shapes_of_their_own(search):
    found = places(drawn(search))
    assert len({shape for _, _, shape in found.values()}) == 3
    search["key"] = "key of fp32"
    search["trials"][1]["auc_drop"] = 0.003
    other = places(drawn(search))
    assert other["int8 <b>"][2] == other["int8"][2] != other["fp32"][2]


def test_the_list_names_every_trial_the_crashed_one_too(search):
    lines = [text.text for text in drawn(search).iter(f"{SPACE}text") if text.text]
    assert "4: dynamic: crashed, the runtime crashed with SIGSEGV" in lines
    assert any(line.startswith("3 (chosen): int8 <b>: 0.60 [0.58, 0.62]") for line in lines)
    assert "budget 0.2" in lines


@pytest.mark.parametrize("budget", [0.0, 0.5])
def test_every_budget_can_be_drawn(search, budget):
    search["auc_budget"] = budget
    for _, y, _ in places(drawn(search)).values():
        assert 0 <= y <= 400


def test_a_search_where_everything_crashed_can_be_drawn(search):
    search["trials"] = [trial("fp32", None, outcome="crashed")]
    assert not places(drawn(search))


def test_the_page_shows_it_with_the_recipes_name(results, search):
    page = render(typed(results))
    assert "What the search tried" not in page
    results["bundles"][1].update(precision="auto", search=search)
    page = render(typed(results))
    assert "What the search tried for x86-auto" in page
    assert "int8 &lt;b&gt;" in page
    assert "<b>" not in page
    search.update(verdict="fail", reason="no candidate is inside the budget")
    assert "<li>no candidate is inside the budget</li>" in render(typed(results))
