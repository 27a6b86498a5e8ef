"""The command line as a whole: help, versions, usage."""

import subprocess
import sys

import pytest

from edgekit.cli.app import COMMANDS
from tests.small_project import Edgekit

NOTHING_INSTALLS = ("Core ML", "VNNI")
HEAVY = ("torch", "numpy", "onnx", "pydantic", "rich", "PIL")


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['edgekit', '--help']\n"
        "from edgekit.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert all(f" {name} " in out for name in COMMANDS)
    assert "heavy []" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(edgekit: Edgekit, name: str) -> None:
    answer = edgekit(name, "--help")
    assert answer.code == 0
    assert "--json" in answer.out


def test_version(edgekit: Edgekit) -> None:
    assert edgekit("--version").out.strip()[0].isdigit()


def test_unknown_commands_are_usage_errors(edgekit: Edgekit) -> None:
    assert edgekit("explode").code == 2


def test_targets_lists_every_target(edgekit: Edgekit) -> None:
    rows = edgekit("targets", "--json").json["targets"]
    assert {row["name"] for row in rows} >= {"jetson", "iphone", "android", "x86"}


def test_doctor_says_what_works_and_how_to_install_the_rest(edgekit: Edgekit) -> None:
    answer = edgekit("doctor", "--json")
    findings = {row["name"]: row for row in answer.json["findings"]}
    assert findings["onnxruntime"]["works"]
    assert findings["ai-edge-litert"]["works"]
    missing = [row for row in findings.values() if not row["works"]]
    assert all(row["install"] for row in missing if row["name"] not in NOTHING_INSTALLS)


def test_shells_can_complete(edgekit: Edgekit) -> None:
    assert "--install-completion" in edgekit("--help").out
