"""What a noted speed depends on."""

from pathlib import Path

import pytest

from edgekit.devices.runner import machine
from edgekit.files import read_json, write_json
from edgekit.steps.pipeline import way
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace


def reasons(project: Path) -> list[str]:
    space = Workspace(open_project(project))
    step = way(space, "x86").bench
    assert step is not None
    return [str(reason) for reason in space.reasons(step)]


def test_another_machine_measures_anew(done_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reasons(done_project) == []
    monkeypatch.setattr(machine, "_processor", lambda: "Some Other CPU")
    (said,) = reasons(done_project)
    assert said.startswith("machine processor")


def test_the_fp32_bundle_beside_it_counts(done_project: Path) -> None:
    (done_project / "build" / "bundles" / "x86-fp32" / "labels.txt").write_text("others\n")
    assert reasons(done_project) == ["input against has changed"]


@pytest.mark.parametrize("verdict", ["fail", "inconclusive"])
def test_a_speed_that_did_not_pass_is_measured_again(done_project: Path, verdict: str) -> None:
    results = done_project / "build" / "results" / "x86-int8.bench.json"
    write_json(results, {**read_json(results), "verdict": verdict})
    record = done_project / "build" / ".steps" / "bench-x86-int8.json"
    from edgekit.hashes import sha256_tree

    write_json(record, {**read_json(record), "output": sha256_tree(results)})
    assert reasons(done_project) == [f"the verdict was {verdict}, which may change"]


def test_fp32_itself_is_timed_beside_nothing(done_project: Path) -> None:
    path = done_project / "edgekit.toml"
    path.write_text(path.read_text().replace("[targets.x86]", '[targets.x86]\nprecision = "fp32"'))
    step = way(Workspace(open_project(done_project)), "x86").bench
    assert step is not None
    assert step.inputs.keys() == {"bundle"}
