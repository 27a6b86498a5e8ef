"""The matrix of disturbances is shown while it is of the bundle, data and edgekit of today."""

import shutil
from pathlib import Path

import pytest

from edgekit.devices.runner import machine
from edgekit.devices.settings import DeviceSettings
from edgekit.files import read_json, write_json
from edgekit.steps.project import open_project
from edgekit.steps.robustness import noted_stress, robustness_step
from edgekit.steps.workspace import Workspace

MATRIX = {"none": {"all": {"reference": 0.5, "artifact": 0.5}}}
LOCAL = DeviceSettings(url="local")
REMOTE = DeviceSettings(url="ssh://pi@board")


def note(project: Path, where: DeviceSettings = LOCAL) -> Path:
    """Leave what `edgekit verify --robustness` leaves."""
    bundle = project / "build" / "bundles" / "x86-int8"
    space = Workspace(open_project(project))
    step = robustness_step(space, bundle, where)
    write_json(step.output, {"device": where.to_json(), "matrix": MATRIX})
    space.note(step, "verdicts of 1 disturbances")
    return bundle


def shown(project: Path) -> bool:
    space = Workspace(open_project(project))
    found = noted_stress(space, project / "build" / "bundles" / "x86-int8")
    if found is None:
        return False
    assert found["none"]["all"].artifact == 0.5
    return True


def test_nothing_is_shown_where_nobody_asked(done_project: Path) -> None:
    assert not shown(done_project)
    note(done_project)
    assert shown(done_project)


@pytest.mark.parametrize("change", ["budget", "image", "bundle", "student", "code", "damage"])
def test_a_matrix_of_something_else_is_not_shown(done_project: Path, change: str) -> None:
    bundle = note(done_project)
    settings = done_project / "edgekit.toml"
    if change == "budget":
        settings.write_text(settings.read_text().replace("auc = 1.0", "auc = 0.9"))
    elif change == "image":
        next((done_project / "data" / "test" / "real").iterdir()).unlink()
    elif change == "student":
        (done_project / "build" / "student" / "detector.json").write_text("{}")
    elif change == "code":
        record = done_project / "build" / ".steps" / "robustness-x86-int8.json"
        found = read_json(record)
        found["key"]["code"]["edgekit.disturbances"] = "0" * 16
        write_json(record, found)
    elif change == "damage":
        path = done_project / "build" / "results" / "x86-int8.robustness.json"
        path.write_text(path.read_text()[:20])
    else:
        shutil.rmtree(bundle)
        shutil.copytree(bundle.with_name("x86-fp32"), bundle)
    assert not shown(done_project)


@pytest.mark.parametrize(("where", "kept"), [(LOCAL, False), (REMOTE, True)])
def test_another_machine_here_says_nothing_about_a_board(
    done_project: Path, monkeypatch: pytest.MonkeyPatch, where: DeviceSettings, kept: bool
) -> None:
    note(done_project, where)
    assert shown(done_project)
    monkeypatch.setattr(machine, "_processor", lambda: "Some Other CPU")
    assert shown(done_project) == kept
