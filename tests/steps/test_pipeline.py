"""The whole way of a project, walked and looked along."""

from pathlib import Path

import pytest

from edgekit.steps import pipeline
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace
from tests.steps.conftest import Said

LEFT = (".steps", "bundles", "calibration", "files", "results", "scores", "student")


def walked(project: Path) -> tuple[list[str], list[str]]:
    """Walk the pipeline; name the steps that were done and those that were reused."""
    space = Workspace(open_project(project), Said())
    pipeline.walk(space)
    lines = space.reporter.lines
    return [n for n, _, reused in lines if not reused], [n for n, _, reused in lines if reused]


def planned(project: Path) -> dict[str, str]:
    found = pipeline.plan(Workspace(open_project(project)))
    return {each.step: each.action for each in found}


def contents(project: Path) -> dict[Path, tuple[int, int]]:
    files = (path for path in project.rglob("*") if path.is_file())
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_a_walk_with_nothing_to_do_is_planned_as_it_goes(done_project: Path) -> None:
    before = contents(done_project)
    actions = planned(done_project)
    assert contents(done_project) == before
    done, reused = walked(done_project)
    assert (done, set(actions.values())) == ([], {"reuse"})
    assert reused == list(actions)


@pytest.mark.parametrize(
    ("old", "new", "done"),
    [
        ("flips = 1.0", "flips = 0.9", "verify"),
        ("warmup = 1", "warmup = 2", "bench"),
    ],
)
def test_what_is_planned_is_what_is_done(done_project: Path, old: str, new: str, done: str) -> None:
    path = done_project / "edgekit.toml"
    path.write_text(path.read_text().replace(old, new))
    wanted = [step for step, action in planned(done_project).items() if action == "do"]
    assert {step.split()[0] for step in wanted} == {done}
    assert walked(done_project)[0] == wanted


def test_nothing_is_written_where_nothing_is_there(fresh_project: Path) -> None:
    before = contents(fresh_project)
    actions = planned(fresh_project)
    assert actions["distill"] == actions["export x86-int8"] == "do"
    assert actions["bench x86-int8"] == "open"  # only where verify can judge
    assert "bench jetson-int8" not in actions  # an interpreter's speed says nothing
    assert contents(fresh_project) == before


def test_a_target_that_is_refused_keeps_its_place(done_project: Path) -> None:
    (done_project / "build" / "bundles" / "x86-int8" / "manifest.json").unlink()
    found = pipeline.walk(Workspace(open_project(done_project)))
    assert [each.target for each in found] == ["jetson", "iphone", "android", "x86"]
    refused = found[-1]
    assert "exists and is no bundle" in str(refused.bundle)
    assert refused.verify.verdict == refused.bench.verdict == "unavailable"
