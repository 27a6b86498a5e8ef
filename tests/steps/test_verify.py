"""What a noted verdict depends on."""

from pathlib import Path

import pytest

from edgekit.devices.runner import machine
from edgekit.steps.pipeline import way
from edgekit.steps.project import open_project
from edgekit.steps.verify import noted_verify
from edgekit.steps.workspace import Workspace


def reasons(project: Path, old: str = "", new: str = "") -> list[str]:
    path = project / "edgekit.toml"
    path.write_text(path.read_text().replace(old, new))
    space = Workspace(open_project(project))
    return [f"{reason.kind} {reason.name}" for reason in space.reasons(way(space, "x86").verify)]


def test_a_verdict_is_reused_while_nothing_changed(done_project: Path) -> None:
    assert reasons(done_project) == []
    space = Workspace(open_project(done_project))
    assert noted_verify(space, done_project / "build/bundles/x86-int8").verdict == "pass"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("flips = 1.0", "flips = 0.9", ["setting budget.flips"]),
        ("pairs = 2", "pairs = 3", []),
        ("epochs = 1", "epochs = 2", []),
    ],
)
def test_only_its_own_settings_count(
    done_project: Path, old: str, new: str, changed: list[str]
) -> None:
    assert reasons(done_project, old, new) == changed


def test_images_bundle_scores_and_machine_count(
    done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next((done_project / "data" / "test" / "real").iterdir()).unlink()
    (done_project / "build" / "bundles" / "x86-int8" / "labels.txt").write_text("others\n")
    (done_project / "build" / "scores" / "student" / "logits.npy").write_bytes(b"others")
    (done_project / "data" / "train" / "real" / "phone").mkdir()
    monkeypatch.setattr(machine, "_instruction_sets", lambda: ["SSE2"])
    assert set(reasons(done_project)) == {
        *("input test", "input bundle", "input scores", "input slices in training"),
        "machine instruction_sets",
    }
