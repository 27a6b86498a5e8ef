"""`[quantization]` in the project file: corrections that are switched on by name."""

from pathlib import Path

import pytest

from edgekit.files import read_json
from tests.small_project import Edgekit


def _correct(project: Path, *names: str) -> None:
    with (project / "edgekit.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[quantization]\ncorrections = {list(names)}\n")


@pytest.mark.slow
def test_a_correction_ends_up_in_the_artifact(done_project: Path, edgekit: Edgekit) -> None:
    bundle = done_project / "build" / "bundles" / "x86-int8"
    before = (bundle / "model.onnx").read_bytes()
    _correct(done_project, "bias_correction")
    assert edgekit("export", "--target", "x86", cwd=done_project).code == 0
    assert read_json(bundle / "manifest.json")["recipe"]["corrections"] == ["bias_correction"]
    assert (bundle / "model.onnx").read_bytes() != before


def test_an_unknown_correction_gets_one_line(done_project: Path, edgekit: Edgekit) -> None:
    _correct(done_project, "magic")
    answer = edgekit("export", "--target", "x86", cwd=done_project)
    assert answer.code == 2
    assert "unknown correction 'magic'" in answer.complaint
