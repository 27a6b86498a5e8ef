"""Steps are done once for the same inputs, and never on stale ones."""

from pathlib import Path

import pytest

from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace, code_sha256, tool_versions

PROJECT = """
[project]
name = "small"
[detector]
kind = "exported"
[data]
sample = 0
[targets.x86]
"""


class Counter:
    """A step that counts how often it is really done."""

    def __init__(self, space: Workspace) -> None:
        self.space, self.count = space, 0
        self.output = space.project.output / "thing.txt"

    def __call__(self, **depends: object) -> None:
        def make() -> str:
            self.count += 1
            self.output.parent.mkdir(exist_ok=True)
            self.output.write_text("made")
            return "a thing"

        self.space.made("thing", self.output, depends, make)


@pytest.fixture
def step(tmp_path: Path) -> Counter:
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    return Counter(Workspace(open_project(tmp_path)))


def test_the_same_inputs_are_worked_on_once(step: Counter) -> None:
    step(weights="a")
    step(weights="a")
    assert step.count == 1


def test_other_inputs_are_worked_on_again(step: Counter) -> None:
    step(weights="a")
    step(weights="b")
    assert step.count == 2


@pytest.mark.parametrize("damage", ["edit", "remove", "record"])
def test_what_was_damaged_is_made_again(step: Counter, damage: str) -> None:
    step(weights="a")
    if damage == "edit":
        step.output.write_text("edited")
    elif damage == "remove":
        step.output.unlink()
    else:
        (step.space.project.output / ".steps" / "thing.json").write_text("{")
    step(weights="a")
    assert step.count == 2
    assert step.output.read_text() == "made"


@pytest.mark.parametrize(("force", "count"), [("", 2), ("thi", 2), ("other", 1), (None, 1)])
def test_only_what_is_forced_is_done_again(step: Counter, force: str | None, count: int) -> None:
    step(weights="a")
    step.space.force = force
    step(weights="a")
    assert step.count == count


def test_edgekits_own_code_is_part_of_a_key() -> None:
    assert code_sha256("verify") != code_sha256("export")
    assert code_sha256("export")["export"] == code_sha256("export")["export"]
    assert code_sha256("images.py")["images.py"] != code_sha256("dataset.py")["dataset.py"]


def test_missing_tools_have_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgekit.steps.workspace._TOOLS", ("torch", "no-such-tool"))
    versions = tool_versions()
    assert versions["torch"]
    assert versions["no-such-tool"] is None
