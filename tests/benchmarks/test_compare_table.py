import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.compare.command import DOCUMENT
from benchmarks.compare.plot import picture
from benchmarks.compare.summary import summarise
from benchmarks.compare.table import between, full_tables, grid, short_table

SVG = "{http://www.w3.org/2000/svg}"


def ratio(value):
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "pairs": 9}


def row(peer, ms, *, own=False, drop=0.0, fits=True):
    against = {"fp32": ratio(ms / 4), "ort-minmax": ratio(ms / 2)}
    latency = {"p50_ms": ms, "ratios": {} if peer == "fp32" else against}
    auc = {"delta": -drop, "ci95": [-drop - 0.001, -drop + 0.001]}
    return {
        "peer": peer,
        "own": own,
        "error": None,
        "within_budget": fits,
        "size_bytes": 2_500_000,
        "load_ms": 12.0,
        "model_mem_bytes": 30 * 2**20,
        "made": {"cpu_seconds": 3.21, "peak_mem_bytes": 300 * 2**20, "images": 64},
        "decision": {"auc": auc, "flips": {"rate": 0.005}},
        "latency": {"1": latency, "2": latency},
    }


@pytest.fixture
def results():
    failed = {
        "peer": "olive",
        "own": False,
        "error": "ValueError: <no> such | operator",
        "within_budget": False,
        "latency": {},
    }
    rows = [
        row("fp32", 4.0),
        row("ort-minmax", 2.0),
        row("ort-dynamic", 1.0, drop=0.3, fits=False),
        failed,
        row("edgekit-int8", 1.5, own=True),
    ]
    students = {
        "small": {
            "images": {"test": 600},
            "reference": {"auc": 0.98, "ap": 0.97},
            "runtimes": {"onnxruntime": rows},
        },
        "broken": {"error": "cannot be prepared"},
    }
    return {
        "students": students,
        "budget": {"auc_drop": 0.002, "flips": 0.01},
        "summary": summarise(students, (1, 2)),
    }


def test_the_short_table_has_a_line_a_student_and_one_for_all(results):
    lines = short_table(results).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("| small | ONNX Runtime | 1.50 | ort-minmax | 2.00 | 0.75 [0.70, 0")
    assert "geometric mean" in lines[3]
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_the_full_table_keeps_failures_with_their_reason(results):
    text = full_tables(results)
    assert "| olive | failed |" in text
    assert "- olive: ValueError: &lt;no> such \\| operator" in text
    assert "Not measured: cannot be prepared." in text
    assert "| ort-dynamic | 1.00 | 0.25 [0.20, 0.30] |" in text


def test_the_picture_has_a_mark_for_each_timed_artifact(results):
    root = ElementTree.fromstring(picture(results))
    said = [mark.text for mark in root.iter(f"{SVG}title")]
    assert len(said) == 4
    assert "ONNX Runtime ort-dynamic: 1 ms, AUC drop +0.3000" in said
    names = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "student"]
    assert names == ["small"]
    width, height = (float(size) for size in root.get("viewBox").split()[2:])
    for mark in root.iter(f"{SVG}circle"):
        assert 0 < float(mark.get("cx")) < width
        assert 0 < float(mark.get("cy")) < height


def test_a_table_goes_between_its_marks():
    text = "before\n<!-- a -->\nold\n<!-- /a -->\nafter\n"
    once = between(text, "a", "new\n")
    assert once == "before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter\n"
    assert between(once, "a", "new\n") == once
    with pytest.raises(ValueError, match="lacks"):
        between(text, "b", "new")


def test_the_document_has_a_place_for_both_tables():
    text = DOCUMENT.read_text()
    for name in ("peers-short", "peers-full"):
        assert "a new table" in between(text, name, "a new table")


def test_a_grid_is_markdown():
    assert grid(("a", "b"), [("1", "2")], words=(0,)) == "| a | b |\n| :-- | --: |\n| 1 | 2 |\n"
