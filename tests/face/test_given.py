"""What was opened or found already is taken as it is: so the steps call the same functions."""

from pathlib import Path

import pytest

import edgekit
from edgekit.detectors.score import score
from edgekit.errors import InputError
from edgekit.exporters.recipe import default_recipe
from edgekit.results.search import SearchResult
from edgekit.scored import Scored
from edgekit.target import target_named


def test_ranges_of_an_earlier_calibration_are_taken(made, tmp_path: Path) -> None:
    path = tmp_path / "ranges.npz"
    made.ranges.save(path)
    found = edgekit.calibrate(made.detector, made.data, ("bias_correction",), ranges=path)
    assert found.corrections == ("bias_correction",)
    assert found.ranges.histograms.keys() == made.ranges.histograms.keys()
    assert found.data is made.data
    with pytest.raises(InputError):
        edgekit.calibrate(made.detector, made.data, ranges=tmp_path / "none.npz")


def test_what_a_search_found_is_not_searched_again(made, tmp_path: Path) -> None:
    recipe = default_recipe(target_named("x86"), "fp32").model_copy(update={"name": "found"})
    searched = SearchResult(
        chosen="found", key="k", recipe=recipe.to_json(), verdict="pass", reason="", trials=(),
        auc_budget=0.01, device="local",
    )  # fmt: skip
    bundle = edgekit.export(made, "x86", "auto", tmp_path / "best", searched=searched)
    assert bundle.manifest.precision == "auto"
    assert bundle.manifest.recipe["name"] == "found"
    assert bundle.manifest.notes == ("precision chosen by latency on local",)


def test_corrections_of_a_calibration_are_made_in_int8(made, tmp_path: Path) -> None:
    student = edgekit.calibrate(made.detector, made.data, ("bias_correction",))
    bundle = edgekit.export(student, "x86", "int8", tmp_path / "int8")
    assert bundle.manifest.recipe["corrections"] == ["bias_correction"]


def test_scores_stand_for_the_detector_that_gave_them(made, bundles, data) -> None:
    bundle = bundles.of("x86", "fp32")
    folder = edgekit.verify(bundle, made.detector, data.folder)
    said = Scored(made.detector.signature, score(made.detector, data))
    given = edgekit.verify(bundle, said, data)
    assert given.verdict == folder.verdict
    assert given.decision.figures == folder.decision.figures
