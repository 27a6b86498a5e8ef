"""`edgekit export --precision auto`, and `edgekit run` with it."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from safetensors.torch import save_file

from edgekit.manifest import read_manifest
from tests.small_project import SIZE, Edgekit, _write_crops
from tests.ssh_server import Server

MODEL = """
from torch import nn

def build(width: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 2, 1), nn.ReLU(), nn.Conv2d(width, width, 3, 2, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 2),
    )
"""
PROJECT = f"""
[project]
name = "searched"

[detector]
kind = "factory"
factory = "model.py:build"
arguments = {{ width = 16 }}
checkpoint = "weights.safetensors"

[detector.signature]
classes = ["real", "fake"]
positive = "fake"
threshold = 0.5

[[detector.signature.inputs]]
name = "image"
shape = [1, 3, {SIZE}, {SIZE}]
preprocessing = {{ size = [{SIZE}, {SIZE}], mean = [0.5, 0.5, 0.5], std = [0.5, 0.5, 0.5] }}

[data]
validation = "data/validation"
calibration = "data/calibration"
test = "data/test"

[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0

[bench]
pairs = 2
runs = 5
warmup = 1
max_ratio = 1e30

[search]
pairs = 2
max_pairs = 2
runs = 5

[targets.x86]
precision = "auto"
"""
NOBODY = "[budget]\nauc = 0.0\nap = 0.0\naccuracy = 0.0\nflips = 0.0\n"
LOOSE = "[budget]\nauc = 1.0\nap = 1.0\naccuracy = 1.0\nflips = 1.0\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    space: dict = {}
    exec(MODEL, space)  # the same code that the project's factory runs
    torch.manual_seed(0)
    save_file(space["build"](16).state_dict(), tmp_path / "weights.safetensors")
    photographs = {"validation": "chelsea.png", "calibration": "ihc.png", "test": "rocket.jpg"}
    for split, photograph in photographs.items():
        _write_crops(tmp_path / "data" / split, (photograph,), 8)
    return tmp_path


def change(project: Path, old: str, new: str) -> None:
    path = project / "edgekit.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def trials_of(project: Path) -> Path:
    (path,) = (project / "build" / "search").glob("x86-*/trials.jsonl")
    return path


@pytest.mark.slow
def test_run_searches_once_and_carries_on_after_a_kill(project: Path, edgekit: Edgekit) -> None:
    change(project, "[search]\n", "[search]\nseconds = 8\n")
    answer = edgekit("run", "--json", cwd=project)
    assert answer.code == 0, answer.err
    (row,) = answer.json["bundles"]
    assert row["precision"] == "auto"
    search = row["search"]
    names = [trial["name"] for trial in search["trials"]]
    assert {"fp32", "int8", search["chosen"]} <= set(names)
    assert (search["verdict"], search["reason"]) == ("pass", "")
    assert all(f"try {name}" in answer.err for name in names)
    manifest = read_manifest(project / row["path"])
    assert (manifest.precision, manifest.recipe["name"]) == ("auto", search["chosen"])

    page = (project / answer.json["report"]).read_text()
    assert "What the search tried for x86-auto" in page
    assert search["chosen"].split(", ")[-1] in page
    ElementTree.parse(project / "build" / "search" / "x86.svg")

    again = edgekit("export", "--json", cwd=project)
    assert again.json["bundles"][0]["search"] == search
    assert "try " not in again.err

    # As a kill in the middle of a search leaves it: a trial, half a second one and no result.
    lines = trials_of(project).read_text().splitlines(keepends=True)
    trials_of(project).write_text(lines[0] + lines[1][:99])
    (project / "build" / "search" / "x86.json").unlink()
    resumed = edgekit("export", "--json", cwd=project)
    assert resumed.code == 0, resumed.err
    tries = [line for line in resumed.err.splitlines() if line.startswith("try ")]
    assert ["reused" in line for line in tries[:2]] == [True, False]
    assert trials_of(project).read_text().startswith(lines[0])
    assert resumed.json["bundles"][0]["search"]["trials"][0] == search["trials"][0]


@pytest.mark.slow
def test_a_budget_nothing_can_meet_builds_the_nearest_and_fails(
    project: Path, edgekit: Edgekit
) -> None:
    change(project, LOOSE, NOBODY)
    change(project, "[search]\n", "[search]\nseconds = 0.001\n")
    answer = edgekit("export", "-t", "x86", "--precision", "auto", "--json", cwd=project)
    assert answer.code == 1
    (row,) = answer.json["bundles"]
    assert row["search"]["verdict"] == "fail"
    assert read_manifest(project / row["path"]).recipe["name"] == row["search"]["chosen"] == "fp32"
    assert "no candidate is inside the budget" in answer.complaint
    assert "the nearest is fp32: flips may be" in answer.complaint


def _validation_is(project: Path, kind: str) -> None:
    data = project / "data"
    if kind == "missing":
        change(project, 'validation = "data/validation"\n', "")
    elif kind == "calibration":
        change(project, "data/validation", "data/calibration")
    else:
        shutil.copy(data / kind / "real" / _any(data / kind / "real"), data / "validation" / "real")


def _any(folder: Path) -> str:
    return min(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "names no `validation` folder"),
        ("calibration", "of the calibration set is in the validation set too"),
        ("test", "of the test set is the same file as"),
    ],
)
def test_what_decides_must_be_held_out(
    project: Path, edgekit: Edgekit, kind: str, said: str
) -> None:
    _validation_is(project, kind)
    answer = edgekit("export", cwd=project)
    assert answer.code == 2
    assert said in answer.complaint
    assert not (project / "build" / "calibration").exists()


@pytest.mark.parametrize("target", ["iphone", "jetson"])
def test_targets_that_cannot_be_measured_here_are_not_searched(
    project: Path, edgekit: Edgekit, target: str
) -> None:
    answer = edgekit("export", "-t", target, "--precision", "auto", cwd=project)
    assert answer.code == 2
    assert "cannot be built in precision 'auto'. Use one of fp32, fp16, int8" in answer.complaint


@pytest.mark.slow
def test_a_board_is_searched_on_the_board(project: Path, edgekit: Edgekit, server: Server) -> None:
    change(project, "[search]\n", "[search]\nseconds = 0.001\n")
    settings = server.settings().model_dump(exclude_none=True)
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    with (project / "edgekit.toml").open("a") as file:
        file.write(f"\n[devices.pi4]\n{''.join(lines)}")
    answer = edgekit("export", "--device", "pi4", "--json", cwd=project)
    assert answer.code == 0, answer.err
    (row,) = answer.json["bundles"]
    assert row["search"]["device"] == "pi4"
    assert (server.folder / "board" / "objects").is_dir()

    here = edgekit("export", "--json", cwd=project)  # another device: searched anew
    assert here.json["bundles"][0]["search"]["device"] == "local"


def test_an_emulated_core_is_no_place_to_search(project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("export", "--device", "emulated-x86", cwd=project)
    assert answer.code == 3
    assert "cannot time on an emulated core" in answer.complaint


def test_a_device_is_for_a_search(project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("export", "--precision", "fp32", "--device", "ssh://pi", cwd=project)
    assert answer.code == 2
    assert "device 'ssh://pi': nothing that is asked for is searched" in answer.complaint


def test_the_project_file_is_checked_for_it_too(project: Path, edgekit: Edgekit) -> None:
    change(project, "[targets.x86]", "[targets.iphone]")
    assert "cannot be built in precision 'auto'" in edgekit("export", cwd=project).complaint


def test_trials_are_plain_lines(project: Path, edgekit: Edgekit) -> None:
    change(project, "[search]\n", "[search]\nseconds = 0.001\n")
    assert edgekit("export", cwd=project).code == 0
    (line,) = trials_of(project).read_text().splitlines()
    assert json.loads(line)["recipe"]["name"] == "fp32"
