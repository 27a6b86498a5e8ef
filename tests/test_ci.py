"""What CI systems get: the action's own script runs, and the snippets name what exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from edgekit.cli.app import app

ROOT = Path(__file__).parents[1]
FILES = ("action.yml", "docs/ci/github.yml", "docs/ci/gitlab.yml")


@pytest.fixture(scope="module")
def options():
    """Every option of `edgekit bench`."""
    import typer

    command = typer.main.get_command(app).commands["bench"]
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", FILES)
def test_every_option_that_is_named_exists(name, options):
    text = (ROOT / name).read_text()
    yaml.safe_load(text)
    lines = [line for line in text.splitlines() if "edgekit bench" in line or "--m" in line]
    lines += [line for line in text.splitlines() if "options" in line]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(lines)))
    assert named <= options


def run_action(folder, **inputs):
    """Run the action's own script with an `edgekit` that ends as it is told and says how called."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    script = action["runs"]["steps"][-1]
    given = {name: str(about.get("default", "")) for name, about in action["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items() if name != "code"}
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in script["env"].items()
    }
    tool = folder / "bin" / "edgekit"
    tool.parent.mkdir()
    tool.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(folder / 'called')!r}, 'w').write('\\n'.join(sys.argv[1:]))\n"
        f"sys.exit({inputs.get('code', 0)})\n"
    )
    tool.chmod(0o755)
    summary, output = folder / "summary", folder / "output"
    environment |= {
        "PATH": f"{tool.parent}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script["run"]]
    done = subprocess.run(command, env=environment, cwd=folder, check=False)
    said = output.read_text() if output.exists() else ""
    return done.returncode, said.strip(), (folder / "called").read_text().splitlines()


def test_the_action_passes_its_inputs_on(tmp_path):
    code, said, called = run_action(
        tmp_path,
        bundle="a bundle",
        baseline="base.json",
        against="$(touch pwned)",
        max_regression="3% size=1%",
    )
    assert (code, said) == (0, "verdict=pass")
    assert called[:2] == ["bench", "a bundle"]
    assert called.count("--max-regression") == 2
    assert "$(touch pwned)" in called
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("code", "accept", "ends", "said"),
    [
        (1, "false", 1, "verdict=fail"),
        (4, "false", 4, "verdict=inconclusive"),
        (4, "true", 0, "verdict=inconclusive"),
        (2, "true", 2, ""),
    ],
)
def test_the_action_ends_as_the_gate_does(tmp_path, code, accept, ends, said):
    found = run_action(tmp_path, bundle="b", baseline="f", accept_inconclusive=accept, code=code)
    assert found[:2] == (ends, said)
