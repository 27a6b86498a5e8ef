"""The JSON that commands wrote before results were types: it is read, and written the same.

The files in `golden/` were written by edgekit as it was then, for a small project like that of
`tests/small_project.py`; long lists are cut. Scripts rely on every key.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.results.layers import Diff
from edgekit.results.measurement import Measurement
from edgekit.results.project import ExportResult, ProjectResult
from edgekit.results.verification import Parity, Verification, Verifications
from edgekit.verification.classes import Classes, class_agreement
from edgekit.verification.parity import Budget, decision_parity

GOLDEN = Path(__file__).parent / "golden"
KINDS = {
    "verify": Verification,
    "verify_robustness": Verification,
    "verify_devices": Verifications,
    "bench": Measurement,
    "bench_gate": Measurement,
    "bench_update": Measurement,
    "diff": Diff,
    "results": ProjectResult,
}
# Objects whose keys are names that a user gave, and the metric that had a budget there.
NAMED = ("slices", "devices", "by_class", "data", "measured", "environment", "hter")


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


def text(value):
    return json.dumps(value, indent=1, sort_keys=True)


@pytest.mark.parametrize("name", KINDS)
def test_it_is_read_and_written_the_same(name):
    kind, found = KINDS[name], golden(name)
    once = kind.from_json(found, name).to_json()
    assert text(once) == text(found)
    assert kind.from_json(once, name) == kind.from_json(found, name)
    if name not in ("results", "export_auto"):  # parts of these were read from files, sorted
        assert json.dumps(once) == json.dumps(found)


def test_a_search_is_read_and_written_the_same():
    (row,) = golden("export_auto")["bundles"]
    assert text(ExportResult.from_json(row, "export").to_json()) == text(row)


def scored(images=120, noise=0.4, seed=0):
    """Outputs of three classes, rounded so that every processor computes them alike."""
    random = np.random.default_rng(seed)
    labels = np.arange(images) % 3
    reference = np.round(random.normal(size=(images, 3)) + 2 * np.eye(3)[labels], 3)
    artifact = np.round(reference + noise * random.normal(size=(images, 3)), 3)
    return labels, reference, artifact


def judged(labels, reference, artifact, slices, budget, **more):
    return decision_parity(
        reference[:, 0], artifact[:, 0], labels == 0, slices, 1.0, Budget(**budget), **more
    )


def rounded(value):
    """Leave out the last digits, which differ between versions of numpy and scipy."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("fail", {"auc": 0.001, "flips": 0.02, "hter": 0.01, "apcer": 0.9, "eer": 0.0}),
        (
            "open",
            {"auc": 0.02, "ap": 0.5, "accuracy": 0.5, "flips": 0.9, "class_flips": 0.9}
            | {"hter": 0.01},
        ),
    ],
)
def test_a_decision_is_what_it_was(name, budget):
    labels, reference, artifact = scored()
    classes = Classes(("real", "print", "screen"), 0, labels, reference, artifact)
    slices = [("", "night", "day")[place % 3 if place % 2 else 0] for place in range(len(labels))]
    found = judged(labels, reference, artifact, slices, budget, seen=("day",), classes=classes)
    written = {**found.to_json(), "classes": class_agreement(classes).to_json()}
    assert json.dumps(rounded(written)) == json.dumps(rounded(golden(f"decision_{name}")))


def test_a_decision_about_nan_is_what_it_was():
    labels, reference, artifact = scored()
    artifact[0] = np.nan
    found = judged(labels, reference, artifact, [""] * len(labels), {"hter": 0.1})
    written = rounded(golden("decision_nan"))
    assert json.dumps(rounded(found.to_json())) == json.dumps(written)
    assert Parity.from_json(golden("decision_nan"), "decision") == found


def shape(value, name=""):
    """Tell an object's keys, and those of what it holds, from its values."""
    if isinstance(value, dict) and name in NAMED:
        return [shape(each) for each in list(value.values())[:1]]
    if isinstance(value, dict):
        return {key: shape(each, key) for key, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else None


def alike(first, second):
    """Tell whether two shapes agree wherever both have a value."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(alike(first[k], second[k]) for k in first)
    if isinstance(first, list) and isinstance(second, list):
        return all(map(alike, first, second))
    return first is None or second is None or isinstance(first, list) != isinstance(second, dict)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("verify", ("verify", "build/bundles/android-int8")),
        ("bench", ("bench", "build/bundles/x86-int8", "--sustained", "0.02")),
        ("diff", ("diff", "student", "build/bundles/android-int8")),
    ],
)
def test_a_command_says_every_key_that_it_said(name, command, done_project, edgekit):
    said = edgekit(*command, "--json", cwd=done_project)
    assert list(said.json) == list(golden(name)), said.err
    assert alike(shape(said.json), shape(golden(name)))


def test_a_run_says_every_key_that_it_said(first_run):
    folder, said = first_run
    found = json.loads((folder / "build" / "report" / "results.json").read_text())
    assert found.pop("format") == 1
    assert {*said.json} == {*golden("results"), "report"}
    wanted = {row["target"]: row for row in golden("results")["bundles"]}
    assert alike(shape({**found, "bundles": []}), shape({**golden("results"), "bundles": []}))
    rows = {row["target"]: row for row in found["bundles"]}
    assert alike(shape(rows["iphone"]), shape(wanted["iphone"]))
    judged = {name: each for name, each in wanted["x86"].items() if name != "search"}
    assert alike(shape(rows["x86"]), shape(judged))
    assert ProjectResult.from_json(found, "results.json").to_json() == {
        name: value for name, value in said.json.items() if name != "report"
    }
