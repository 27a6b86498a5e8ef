"""The whole way, by the command line, as a user goes it."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

from edgekit.manifest import read_manifest
from tests.small_project import Answer, Edgekit, command, environment

TARGETS = ["jetson", "iphone", "android", "x86"]


def test_run_makes_a_verdict_for_every_target(first_run: tuple[Path, Answer]) -> None:
    _, answer = first_run
    assert answer.code == 0, answer.err
    rows = answer.json["bundles"]
    assert [row["target"] for row in rows] == TARGETS
    verdicts = {row["target"]: row["verify"]["verdict"] for row in rows}
    assert verdicts == {"jetson": "pass", "iphone": "unavailable", "android": "pass", "x86": "pass"}
    evidence = {row["target"]: row["evidence"] for row in rows}
    assert evidence == {
        "jetson": "reference",
        "iphone": "compiled",
        "android": "host",
        "x86": "host",
    }


def test_run_puts_teacher_and_student_beside_the_artifacts(first_run: tuple[Path, Answer]) -> None:
    detectors = first_run[1].json["detectors"]
    assert [row["name"] for row in detectors] == ["teacher", "student"]
    assert all(0 <= row["metrics"]["auc"] <= 1 for row in detectors)


def test_run_writes_a_page_without_outside_resources(first_run: tuple[Path, Answer]) -> None:
    folder, answer = first_run
    page = (folder / answer.json["report"]).read_text()
    for target in TARGETS:
        assert f"{target}-int8" in page
    assert not re.search(r'(src|href)="https?:', page)


def test_bundles_are_whole(first_run: tuple[Path, Answer]) -> None:
    folder, _ = first_run
    for target in TARGETS:
        manifest = read_manifest(folder / "build" / "bundles" / f"{target}-int8")
        assert manifest.precision == "int8"
        assert "int8" in manifest.layers.values()


def test_nothing_half_written_stays(first_run: tuple[Path, Answer]) -> None:
    assert not list(first_run[0].rglob("*.part"))
    assert not list(first_run[0].rglob("*.old"))


def test_a_second_run_reuses_everything_and_imports_no_torch(
    done_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("run", "--json", cwd=done_project)
    assert answer.code == 0
    steps = answer.err.splitlines()
    assert len(steps) > 10
    assert all(" reused " in line for line in steps), answer.err
    code = "import sys; sys.argv = ['edgekit', 'run', '--json']\n" + (
        "from edgekit.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([command()[0], "-c", code], cwd=done_project, check=True, capture_output=True)


def test_a_changed_bundle_is_made_again(done_project: Path, edgekit: Edgekit) -> None:
    artifact = done_project / "build" / "bundles" / "x86-int8" / "model.onnx"
    artifact.write_bytes(artifact.read_bytes()[:-1])
    answer = edgekit("export", "--target", "x86", cwd=done_project)
    assert answer.code == 0
    assert "export x86-int8" in answer.err
    assert not [line for line in answer.err.splitlines() if "x86-int8" in line and "reused" in line]
    read_manifest(artifact.parent)


def test_a_changed_setting_makes_only_what_depends_on_it(
    done_project: Path, edgekit: Edgekit
) -> None:
    project = done_project / "edgekit.toml"
    project.write_text(project.read_text().replace("flips = 1.0", "flips = 0.9"))
    answer = edgekit("run", cwd=done_project)
    made = [line for line in answer.err.splitlines() if " reused " not in line]
    assert {line.split()[0] for line in made} == {"verify"}


def test_an_artifact_over_its_budget_fails(done_project: Path, edgekit: Edgekit) -> None:
    project = done_project / "edgekit.toml"
    project.write_text(project.read_text().replace("max_ratio = 1e30", "max_ratio = 1e-30"))
    answer = edgekit("run", "--json", cwd=done_project)
    assert answer.code == 1
    assert "fail" in {row["bench"]["verdict"] for row in answer.json["bundles"]}


# Where the signal meets Python code that a library runs through the C interface, Python ends itself
# by SIGINT although the command caught it. Shells say 130 for both.
INTERRUPTED = (130, -signal.SIGINT)


def ended_by(running: subprocess.Popen[str], how: signal.Signals) -> str:
    """Send a signal a little later; return what the command said."""
    time.sleep(2)
    running.send_signal(how)
    _, said = running.communicate(timeout=120)
    return said


def test_an_interrupted_run_loses_no_finished_step(new_project: Path, edgekit: Edgekit) -> None:
    project = new_project / "edgekit.toml"
    settings = project.read_text()
    project.write_text(settings.replace("epochs = 1", "epochs = 10000"))
    running = subprocess.Popen(
        command("run"), cwd=new_project, stderr=subprocess.PIPE, text=True, env=environment()
    )
    while not (new_project / "build" / "edgekit.log").exists():
        time.sleep(0.1)
    err = ended_by(running, signal.SIGINT)  # distilling would take hours
    assert running.returncode in INTERRUPTED, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not list(new_project.rglob("*.part"))
    assert not (new_project / "build" / "student").exists()
    project.write_text(settings)
    assert edgekit("calibrate", cwd=new_project).code == 0


def test_an_interrupted_step_leaves_the_ones_before_it(
    done_project: Path, edgekit: Edgekit
) -> None:
    running = subprocess.Popen(
        command("export", "-t", "android", "--precision", "fp16"),
        cwd=done_project,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert running.stderr is not None
    said = running.stderr.readline()  # the first step: the command is at work
    err = said + ended_by(running, signal.SIGTERM)
    assert running.returncode in INTERRUPTED, err
    assert not (done_project / "build" / "bundles" / "android-fp16").exists()
    assert not list(done_project.rglob("*.part"))
    answer = edgekit("calibrate", cwd=done_project)
    assert all(" reused " in line for line in answer.err.splitlines())


def test_results_can_be_read_by_scripts(first_run: tuple[Path, Answer]) -> None:
    folder, answer = first_run
    stored = json.loads((folder / "build" / "report" / "results.json").read_text())
    assert stored["bundles"] == answer.json["bundles"]
