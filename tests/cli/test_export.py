"""`edgekit export`."""

from pathlib import Path

import pytest

from tests.small_project import Edgekit

KEYS = {"target", "runtime", "precision", "path", "size_bytes", "evidence"}


def test_export_just_works_in_the_projects_folder(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("export", "--target", "jetson", "--json", cwd=done_project)
    assert answer.code == 0
    (row,) = answer.json["bundles"]
    assert row.keys() >= KEYS
    assert row["target"] == "jetson"
    assert Path(done_project, row["path"], "model.onnx").is_file()
    assert row["evidence"] == "reference"


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_other_precisions(done_project: Path, edgekit: Edgekit, precision: str) -> None:
    answer = edgekit("export", "-t", "x86", "--precision", precision, "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    assert answer.json["bundles"][0]["precision"] == precision


def test_a_folder_that_is_no_bundle_is_not_replaced(done_project: Path, edgekit: Edgekit) -> None:
    mine = done_project / "build" / "bundles" / "x86-fp16"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep me")
    answer = edgekit("export", "-t", "x86", "--precision", "fp16", cwd=done_project)
    assert answer.code == 2
    assert "is no bundle" in answer.complaint
    assert (mine / "notes.txt").read_text() == "keep me"


def test_a_bundle_that_is_right_on_some_processors_only_says_so(
    done_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("export", "--target", "x86-vnni", cwd=done_project)
    assert answer.code == 0
    assert "right on x86 processors with VNNI only" in answer.out
    assert "VNNI" not in edgekit("export", "--target", "x86", cwd=done_project).out
