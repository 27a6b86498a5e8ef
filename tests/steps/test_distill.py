"""What a distillation depends on."""

from pathlib import Path

import pytest

from edgekit.steps.distill import distill_step
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace


def reasons(project: Path) -> list[str]:
    space = Workspace(open_project(project))
    return [f"{reason.kind} {reason.name}" for reason in space.reasons(distill_step(space))]


def test_what_was_distilled_is_reused(done_project: Path) -> None:
    assert reasons(done_project) == []


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("epochs = 1", "epochs = 2", "setting distill.epochs"),
        ("050", "050.e3000_r224_in1k", "setting student.model"),
        ('positive = "fake"', 'positive = "real"', "input teacher"),
        ("auc = 1.0", "auc = 0.9", None),
    ],
)
def test_only_its_own_settings_count(
    done_project: Path, old: str, new: str, changed: str | None
) -> None:
    path = done_project / "edgekit.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert reasons(done_project) == ([changed] if changed else [])


def test_images_and_the_teachers_weights_count(done_project: Path) -> None:
    head = done_project / "teacher" / "head.safetensors"
    head.write_bytes(head.read_bytes()[:-4] + b"0000")
    next((done_project / "data" / "train" / "real").iterdir()).unlink()
    next((done_project / "data" / "test" / "real").iterdir()).unlink()
    assert reasons(done_project) == ["input teacher", "input train"]
