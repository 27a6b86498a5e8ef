"""What a model puts out is read as what it is, or refused in a line that says what to set.

| situation | command | result before | right value |
|---|---|---|---|
| a network ends in softmax, its signature is silent | `edgekit calibrate` | accuracy 0.5000 and no flips later | refused: set `output = "probabilities"` |
| the same, `output = "probabilities"` | `edgekit export`, `edgekit verify` | scores near 0.5 | the scores and decisions of the network without its softmax |
| a network ends in a sigmoid, its signature is silent | `edgekit calibrate` | scores of 0.5 to 0.73 | refused: set `output = "score"` |
| the same, `output = "score"` | `edgekit export`, `edgekit verify` | scores of 0.5 to 0.73 | the scores and decisions of the network without its sigmoid |
| a network gives logits, `output = "probabilities"` | `edgekit calibrate` | unknown key | refused: set `output = "logits"` |
| two columns, `output = "score"` | `edgekit calibrate` | unknown key | refused: a score has one column |
| a teacher ends in softmax, its signature is silent | `edgekit distill` | learns from flat targets | refused: set `output = "probabilities"` |
| the same, `output = "probabilities"` | `edgekit distill` | learns from flat targets | the student gives logits |
"""  # noqa: E501

import json
from pathlib import Path

import pytest

from tests.factory_project import write_crops, write_project
from tests.small_project import Edgekit

CODE = """
from torch import nn


def make(end=True):
    layers = [nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, COLUMNS)]
    return nn.Sequential(*layers, *([END] if end else []))
"""
ENDS = {
    "logits": ("nn.Identity()", 2),
    "probabilities": ("nn.Softmax(1)", 2),
    "score": ("nn.Sigmoid()", 1),
    "a lone logit": ("nn.Identity()", 1),
}
WITHOUT = {"probabilities": "logits", "score": "a lone logit"}
BLURS = {"sharp": 0.0, "blurred": 3.0}


def project(folder: Path, puts_out: str, says: str | None) -> Path:
    end, columns = ENDS[puts_out]
    code = CODE.replace("END]", f"{end}]").replace("COLUMNS", str(columns))
    told = {} if says is None else {"output": says}
    return write_project(folder, code, BLURS, side=32, **told)


def test_columns_that_cannot_be_a_score_are_refused(tmp_path: Path, edgekit: Edgekit) -> None:
    answer = edgekit("calibrate", cwd=project(tmp_path, "probabilities", "score"))
    assert answer.code == 2
    assert "its signature wants score of shape (1, 1)" in answer.complaint


@pytest.mark.parametrize(
    ("puts_out", "says"),
    [("probabilities", None), ("score", None), ("logits", "probabilities")],
)
def test_outputs_that_are_something_else_are_refused(
    puts_out: str, says: str | None, tmp_path: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("calibrate", cwd=project(tmp_path, puts_out, says))
    assert answer.code == 2
    assert f"no {says or 'logits'}, as its signature says" in answer.complaint
    assert f'Set output = "{puts_out}"' in answer.complaint
    assert not (tmp_path / "build" / "calibration").exists()


@pytest.mark.parametrize(
    "puts_out", ["probabilities", pytest.param("score", marks=pytest.mark.slow)]
)
def test_outputs_that_are_told_are_read_as_what_they_are(
    puts_out: str, tmp_path: Path, edgekit: Edgekit
) -> None:
    before = judged(project(tmp_path / "logits", WITHOUT[puts_out], None), edgekit, "logits")
    found = judged(project(tmp_path / "told", puts_out, puts_out), edgekit, puts_out)
    assert found[0] == pytest.approx(before[0], abs=1e-5)
    assert found[1] == before[1]


def judged(folder: Path, edgekit: Edgekit, output: str) -> tuple[list[float], list[float]]:
    """Export and verify x86 fp32: scores of the golden samples, accuracy of both models."""
    exported = edgekit("export", "-t", "x86", "--precision", "fp32", "--json", cwd=folder)
    assert exported.code == 0, exported.err
    bundle = folder / "build" / "bundles" / "x86-fp32"
    told = json.loads((bundle / "manifest.json").read_text())["signature"]
    assert told.get("output", "logits") == output
    verified = edgekit("verify", "build/bundles/x86-fp32", "--json", cwd=folder)
    assert verified.code in (0, 4), verified.err  # 4: too few images for budget 0.01 of flips
    golden = json.loads((bundle / "golden" / "expected.json").read_text())["samples"]
    figure = verified.json["decision"]["accuracy"]
    return [sample["score"] for sample in golden], [figure["reference"], figure["artifact"]]


@pytest.mark.parametrize("says", [None, "probabilities"])
def test_a_teacher_of_probabilities(says: str | None, tmp_path: Path, edgekit: Edgekit) -> None:
    folder = project(tmp_path, "probabilities", says)
    text = (folder / "edgekit.toml").read_text().replace("[detector]", "[teacher]")
    text = text.replace("[data]", '[student]\nmodel = "test_resnet"\n\n[data]')
    text = text.replace(
        "calibration =", 'train = "data/train"\nvalidation = "data/validation"\ncalibration ='
    )
    text += "[distill]\nepochs = 1\nbatch_size = 8\nlosses = { logits = 1.0 }\n"
    (folder / "edgekit.toml").write_text(text)
    for place, split in enumerate(("train", "validation"), 2):
        write_crops(folder / "data" / split, BLURS, 8, place)
    answer = edgekit("distill", cwd=folder)
    if says is None:
        assert answer.code == 2
        assert "the teacher puts out" in answer.complaint
        assert 'Set output = "probabilities"' in answer.complaint
        return
    assert answer.code == 0, answer.err
    made = json.loads((folder / "build" / "student" / "detector.json").read_text())
    assert "output" not in made["signature"]
