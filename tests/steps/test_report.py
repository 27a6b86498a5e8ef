"""What the report says of a run."""

from pathlib import Path

import pytest

from edgekit.steps import pipeline, report
from edgekit.steps.project import open_project
from edgekit.steps.scores import scored
from edgekit.steps.workspace import Workspace

FACTORY = """
[teacher]
kind = "factory"
factory = "own.py:build"
[teacher.signature]
classes = ["fake", "real"]
positive = "fake"
threshold = 0.999
[[teacher.signature.inputs]]
name = "image"
shape = [1, 3, 8, 8]
preprocessing = { size = [8, 8], mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }
[student]
"""
OWN = """
import torch
from torch import nn

class Own(nn.Module):
    def forward(self, image):
        return torch.stack([image.mean((1, 2, 3)) * 0 + 2, image.mean((1, 2, 3)) * 0], 1)

def build():
    return Own()
"""


def test_a_run_is_described_without_doing_anything(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    results = report.gather(space, pipeline.walk(space))
    assert [row.name for row in results.detectors] == ["teacher", "student"]
    assert results.data["test"].images == 48
    assert [row.verify.verdict for row in results.bundles][3] == "pass"
    page = report.write(space, results)
    assert page.read_text().startswith("<!")


@pytest.mark.parametrize(("threshold", "missed"), [(0.999, 1.0), (0.5, 0.0)])
def test_a_teacher_is_measured_by_its_own_signature(
    done_project: Path, threshold: float, missed: float
) -> None:
    """Every image has the score 0.88 for `fake`: below one threshold, above the other."""
    path = done_project / "edgekit.toml"
    before, after = path.read_text().split("[teacher]")
    table = FACTORY.replace("0.999", str(threshold))
    path.write_text(before + table + after.split("[student]")[1])
    (done_project / "own.py").write_text(OWN)
    space = Workspace(open_project(done_project))
    row = report.detector_row(space, "teacher")
    assert scored(space, "teacher").signature.classes == ("fake", "real")
    assert row.metrics["apcer"] == missed
