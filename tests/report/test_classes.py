from edgekit.report.classes import class_table
from edgekit.report.markdown import table
from edgekit.report.page import render
from tests.report.conftest import typed


def judged(results):
    """Give the first bundle three classes, as verify describes them."""
    verify = results["bundles"][0]["verify"]
    share = {"count": 18, "rate": 0.225, "ci95": [0.14, 0.332], "budget": 0.03, "verdict": "fail"}
    verify["decision"]["class_flips"] = share
    none = {"reference": None, "artifact": None}
    verify["classes"] = {
        "accuracy": none,
        "collapsed": none,
        "changed": {"count": 14, "rate": 0.35, "ci95": [0.2, 0.5]},
        "mcnemar_p": 0.1,
        "confusion": [],
        "by_class": {
            "live": {"images": 0, "recall": none, "changed": 0},
            "<print>": {
                "images": 40,
                "recall": {"reference": 0.95, "artifact": 0.6},
                "changed": 14,
            },
        },
    }
    return results


def test_every_class_has_a_column_and_a_missing_one_a_dash(results):
    found = class_table(typed(judged(results)).bundles)
    assert found.columns == ("live", "<print>")
    ((_, cells),) = found.rows
    assert [cell.text for cell in cells] == ["22.5%", "\u2014", "0.6000"]
    assert cells[2].detail == "0.9500 before; 14 of 40 images change"


def test_two_classes_have_no_such_table(results):
    assert class_table(typed(results).bundles).columns == ()
    assert "Recall by class" not in render(typed(results))


def test_page_and_markdown_show_them(results):
    results = judged(results)
    page = render(typed(results))
    assert "Recall by class" in page
    assert "&lt;print&gt;" in page
    assert "class flips 22.5%" in table(typed(results))
