"""`edgekit run --plan`: what would be done, what would be reused, and why."""

import subprocess
from pathlib import Path

import pytest

from edgekit.files import read_json, write_json
from tests.small_project import Answer, Edgekit, command, environment


def lines(answer: Answer) -> dict[str, str]:
    """Return what is said of each step, by its name."""
    assert answer.code == 0, answer.err
    return {line[:24].strip(): " ".join(line[24:].split()) for line in answer.out.splitlines()}


def everything(folder: Path) -> set[tuple[Path, int]]:
    return {(path, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_a_finished_project_is_reused_and_nothing_is_touched(
    done_project: Path, edgekit: Edgekit
) -> None:
    before = everything(done_project)
    said = lines(edgekit("run", "--plan", cwd=done_project))
    assert everything(done_project) == before
    assert {"distill", "calibrate", "verify x86-int8", "bench x86-int8"} <= said.keys()
    assert set(said.values()) == {"reused"}


def test_a_new_project_is_planned_from_the_start_without_torch(fresh_project: Path) -> None:
    before = everything(fresh_project)
    code = "import sys; sys.argv = ['edgekit', 'run', '--plan']\n" + (
        "from edgekit.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [command()[0], "-c", code], cwd=fresh_project, capture_output=True, text=True,
        env=environment(), check=True,
    )  # fmt: skip
    assert everything(fresh_project) == before
    said = lines(Answer(0, done.stdout, done.stderr))
    assert said["distill"] == "done nothing is there yet"
    assert said["calibrate"] == "done follows from distill; nothing is there yet"


def test_a_changed_setting_is_named_and_what_follows_is_open(
    done_project: Path, edgekit: Edgekit
) -> None:
    project = done_project / "edgekit.toml"
    project.write_text(project.read_text().replace("epochs = 1", "epochs = 2"))
    said = lines(edgekit("run", "--plan", cwd=done_project))
    assert said["distill"] == "done setting distill.epochs was 1 and is 2"
    assert said["calibrate"] == "open follows from distill"
    assert said["score teacher"] == "reused"


@pytest.mark.parametrize(
    ("step", "part", "name", "before", "reason"),
    [
        ("calibrate", "code", "edgekit.calibration.observe", "0" * 16, "has changed"),
        ("export x86-int8", "package", "onnxruntime", "1.0", "was 1.0 and is"),
        ("export jetson-int8", "package", "onnx", None, "was missing and is"),
        ("bench x86-int8", "machine", "processor", "Other CPU", "was Other CPU and is"),
        ("verify x86-int8", "input", "test", "0" * 64, "has changed"),
    ],
)
def test_whatever_changed_since_is_named(
    done_project: Path, edgekit: Edgekit, step: str, part: str, name: str, before: str, reason: str
) -> None:
    """The record is what another edgekit, machine or day would have left."""
    path = done_project / "build" / ".steps" / f"{step.replace(' ', '-')}.json"
    record = read_json(path)
    record["key"][part][name] = before
    write_json(path, record)
    answer = edgekit("run", "--plan", "--json", cwd=done_project)
    found = {row["step"]: row for row in answer.json["steps"]}
    (why,) = found[step]["reasons"]
    assert (found[step]["action"], why["kind"], why["name"]) == ("do", part, name)
    assert why["before"] == before
    assert why["after"] not in (None, before)
    assert reason in why["text"]
    others = [row for row in found.values() if row["action"] == "do"]
    assert others == [found[step]]


NO_RECORD = "there is no record of it that this edgekit reads"


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        (".steps/verify-x86-int8.json", '{"key": "00", "output": "00", "detail": ""}', NO_RECORD),
        (".steps/verify-x86-int8.json", '{"format": 99, "parts": {}}', NO_RECORD),
        (".steps/verify-x86-int8.json", '{"format": 2, "key": {"inp', NO_RECORD),
        ("results/x86-int8.verify.json", '{"verdict": "pa', "what it left was changed"),
        ("results/x86-int8.verify.json", '{"format": 99}', "what it left was changed"),
    ],
)
def test_what_is_cut_short_or_of_another_version_is_made_anew_quietly(
    done_project: Path, edgekit: Edgekit, place: str, text: str, said: str
) -> None:
    (done_project / "build" / place).write_text(text)
    planned = lines(edgekit("run", "--plan", cwd=done_project))
    assert planned["verify x86-int8"] == f"done {said}"
    answer = edgekit("run", cwd=done_project)
    assert answer.code == 0, answer.err
    made = [line for line in answer.err.splitlines() if " reused " not in line]
    assert [line[:24].strip() for line in made] == ["verify x86-int8"]


def test_force_is_a_reason(done_project: Path, edgekit: Edgekit) -> None:
    said = lines(edgekit("run", "--plan", "--force", cwd=done_project))
    assert said["distill"] == "done --force asks for it"
    assert not any(line == "reused" for line in said.values())


def test_what_a_run_refuses_a_plan_refuses(fresh_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("run", "--plan", str(fresh_project / "elsewhere.toml"), cwd=fresh_project)
    assert answer.code == 2
    assert "there is no project file" in answer.complaint
