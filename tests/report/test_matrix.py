from xml.etree import ElementTree

from edgekit.report.matrix import picture
from edgekit.results.matrix import NotedMatrix

SVG = "{http://www.w3.org/2000/svg}"
FOUND = {
    "none": {"all": {"reference": 0.99, "artifact": 0.99, "verdict": "pass", "evidence": "host"}},
    "jpeg 30": {
        "all": {"reference": 0.97, "artifact": 0.90, "verdict": "fail", "evidence": "host"},
        "a<b": {"reference": 0.97, "artifact": None},
    },
}


def drawn(found, title=""):
    matrix = NotedMatrix.from_json({"device": {}, "matrix": found}, "matrix.json").matrix
    return ElementTree.fromstring(picture(matrix, title))


def test_every_cell_is_drawn_with_its_change():
    root = drawn(FOUND, "a & b")
    said = [mark.text for mark in root.iter(f"{SVG}title")]
    assert said == ["reference 0.9900, change +0.0000", "reference 0.9700, change -0.0700"]
    texts = [mark.text for mark in root.iter(f"{SVG}text")]
    assert {"all", "none", "jpeg 30", "0.9000", "no value"} <= set(texts)
    assert "AUC of the artifact, evidence host" in texts


def test_loss_is_red_and_failure_bold():
    root = drawn(FOUND)
    fills = [mark.get("fill") for mark in root.iter(f"{SVG}rect")][1:]
    red, green, blue = (int(fills[1][at : at + 2], 16) for at in (1, 3, 5))
    assert fills[0] == "#ffffff"
    assert red > 200 > max(green, blue)
    bold = [mark.text for mark in root.iter(f"{SVG}text") if "fail" in (mark.get("class") or "")]
    assert bold == ["0.9000"]


def test_disturbances_stand_in_the_order_of_their_sweep():
    cells = {"all": {"reference": 0.9, "artifact": 0.9, "verdict": "pass", "evidence": "host"}}
    root = drawn(dict.fromkeys(("jpeg 30", "jpeg 90", "none"), cells))
    names = [mark.text for mark in root.iter(f"{SVG}text") if mark.get("class") == "name"]
    assert names == ["none", "jpeg 90", "jpeg 30"]
