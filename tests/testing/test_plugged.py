"""A Runtime and a Target from outside of the tree are found, checked, and refused when wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.plugged import DESCRIPTION, ENTRY_POINTS, SESSION, TARGET, install

CHECK = """
import sys
from pathlib import Path
from edgekit.testing import check_runtime

print(*check_runtime("plugged", Path(sys.argv[1])), sep="\\n")
"""


def _python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_it_builds_and_runs_in_every_precision(tmp_path: Path) -> None:
    done = _python(install(tmp_path / "site"), "-c", CHECK, str(tmp_path / "bundles"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""  # nothing was left untried
    assert (tmp_path / "bundles" / "theirs-int8" / "model.plugged").is_file()


def test_a_broken_promise_is_named(tmp_path: Path) -> None:
    wrong = SESSION.replace("return np.asarray(", "return 1.5 * np.asarray(")
    done = _python(install(tmp_path / "site", session=wrong), "-c", CHECK, str(tmp_path / "made"))
    last = done.stderr.strip().splitlines()[-1]
    assert "BrokenPromiseError: theirs-fp32: logits within" in last


def test_its_target_is_listed(tmp_path: Path) -> None:
    done = _python(install(tmp_path), "-m", "edgekit", "targets")
    assert "theirs" in done.stdout


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"description": "RUNTIME = 1"}, "entry point plugged of edgekit.runtimes names a int"),
        ({"description": "import no_such"}, "does not load: No module named 'no_such'"),
        (
            {"description": DESCRIPTION.replace('"plugged",', '"onnx",', 1)},
            "the name onnx is taken",
        ),
        (
            {"entry_points": ENTRY_POINTS.replace("plugged.targets", "plugged.nothing")},
            "entry point plugged.nothing of edgekit.targets does not import",
        ),
        ({"target": 'title = "?"'}, "theirs.toml: runtime"),
        ({"target": TARGET.replace('scheme = "onnxruntime"', 'scheme = "coreml"')}, "is none of"),
    ],
)
def test_a_wrong_one_is_one_clear_line(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    done = _python(install(tmp_path, **changed), "-m", "edgekit", "targets")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_no_test_runner_is_needed(tmp_path: Path) -> None:
    done = _python(tmp_path, "-c", "import sys, edgekit.testing; print('pytest' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr
