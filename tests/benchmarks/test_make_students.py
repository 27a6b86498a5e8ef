import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.make_students import main, make_students, measure
from benchmarks.recipe import Recipe, Stage
from benchmarks.students import Student, new_detector
from edgekit.dataset import open_dataset
from edgekit.detectors.registry import open_detector
from edgekit.detectors.score import score

PAIRS = {"test": 12, "heldout": 6, "calibration": 4, "validation": 4, "train": 9}
STAGES = (Stage(32, 6, 2), Stage(64, 2, 1))
TINY = Student("test_efficientnet", 64, Recipe(STAGES, rate=1e-3))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A student trained for a few steps on the sample's photographs, and what was said of it."""
    folder, said = tmp_path_factory.mktemp("build"), []
    summary = make_students([TINY], folder, say=lambda *line: said.append(line), pairs=PAIRS)
    return folder, summary, said


def test_a_student_is_saved_and_opens_again_with_equal_logits(made):
    folder, summary, _ = made
    opened = open_detector(folder / "students" / TINY.model)
    data = open_dataset(folder / "data/test", opened.signature)
    logits = score(opened, data)
    assert np.array_equal(logits, score(opened, data))
    figures = json.loads(json.dumps(measure(opened, data)))
    assert figures == summary[TINY.model]["test"]
    assert np.abs(logits - score(new_detector(TINY), data)).max() > 0


def test_the_threshold_is_frozen_on_validation(made):
    folder, summary, _ = made
    opened = open_detector(folder / "students" / TINY.model)
    accuracy = summary[TINY.model]["validation"]["accuracy"]
    data = open_dataset(folder / "data/validation", opened.signature)
    for threshold in np.linspace(0, 1, 11):
        assert measure(opened.with_threshold(float(threshold)), data)["accuracy"] <= accuracy


def test_records_say_what_was_done(made):
    folder, summary, said = made
    record = summary[TINY.model]
    assert json.loads((folder / "students.json").read_text()) == summary
    assert record["crops"] == 2 * (6 * 2 + 2 * 1)
    assert record["train_s"] > 0
    assert set(record["test"]["slices"]) == {"transposed", "nearest", "patch", "unseen_shuffle"}
    assert [line[:3] for line in said] == [(TINY.model, n, 8) for n in range(1, 9)]


def test_a_student_that_is_there_is_not_trained_again(made):
    folder, summary, _ = made
    said = []
    again = make_students([TINY], folder, say=lambda *line: said.append(line), pairs=PAIRS)
    assert again == summary
    assert not said


def test_another_recipe_or_a_damaged_student_is_trained_again(made):
    folder, summary, _ = made
    weights = folder / "students" / TINY.model / "weights.safetensors"
    before = weights.read_bytes()
    weights.write_bytes(before[:-4] + b"\0\0\0\1")
    make_students([TINY], folder, pairs=PAIRS)
    assert weights.read_bytes() == before  # the same recipe gives the same weights
    other = replace(TINY, recipe=replace(TINY.recipe, seed=1))
    changed = make_students([other], folder, pairs=PAIRS)
    assert weights.read_bytes() != before
    assert changed[TINY.model]["recipe_sha256"] != summary[TINY.model]["recipe_sha256"]


def test_an_unknown_student_gives_one_clear_line(tmp_path):
    with pytest.raises(SystemExit) as left:
        main(["--only", "vit_tiny_patch16", "--build", str(tmp_path)])
    message = str(left.value)
    assert "student 'vit_tiny_patch16' is unknown" in message
    assert "vit_tiny_patch16_224" in message
    assert "\n" not in message
    assert not list(tmp_path.iterdir())


def test_missing_photographs_give_one_clear_line(tmp_path):
    with pytest.raises(SystemExit, match="does not exist"):
        main(["--photos", str(tmp_path / "none.zip"), "--build", str(tmp_path)])
