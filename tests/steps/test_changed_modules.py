"""A changed edgekit: exactly the steps whose code changed are done again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgekit.steps import pipeline
from edgekit.steps.closure import Graph
from edgekit.steps.project import open_project
from edgekit.steps.sources import Sources
from edgekit.steps.workspace import Workspace
from tests.small_project import environment
from tests.steps.by_bytecode import Tree

# By the first word of a step's name: what does its work, and the file that declares it.
WORK = {
    "distill": ("edgekit.face.distill", "edgekit.face.detector"),
    "calibrate": (
        "edgekit.face.calibrate",
        "edgekit.calibration.coverage",
        "edgekit.face.detector",
    ),
    "export": ("edgekit.face.export", "edgekit.face.calibrate", "edgekit.face.detector"),
    "score": ("edgekit.detectors.score", "edgekit.face.detector"),
    "verify": (
        *("edgekit.face.verify", "edgekit.verification.verify"),
        *("edgekit.face.calibrate", "edgekit.face.detector"),
    ),
    "bench": ("edgekit.face.bench",),
    "test": ("edgekit.survey", "edgekit.hints", "edgekit.files"),
    "calibration": ("edgekit.survey", "edgekit.files"),
}
DECLARED = {
    "distill": {"distill"},
    "calibrate": {"calibrate"},
    "export": {"export"},
    "score": {"scores"},
    "verify": {"noted", "verify"},
    "bench": {"noted", "bench"},
    "test": {"data"},
    "calibration": {"data"},
}


def changed_by_a_byte(root: Path) -> Iterator[tuple[str, Sources]]:
    """Change one module of a copy after the other, and put it back."""
    for module, path in sorted(Tree(root).files.items()):
        source = path.read_bytes()
        path.write_bytes(source + b"\n")
        yield module, Sources({"edgekit": root / "edgekit"})
        path.write_bytes(source)


def test_a_changed_module_redoes_the_steps_that_reach_it_and_no_other(
    done_project: Path, whole_tree: Path
) -> None:
    tree = Tree(whole_tree)
    reached = {
        word: tree.reached(work) | {f"edgekit.steps.{name}" for name in DECLARED[word]}
        for word, work in WORK.items()
    }
    space, counts = Workspace(open_project(done_project)), []
    for module, sources in changed_by_a_byte(whole_tree):
        space.graph = Graph(sources)
        for planned in pipeline.plan(space):
            if any(reason.kind == "output" for reason in planned.reasons):
                continue  # a bundle that no run needed
            code = [reason.name for reason in planned.reasons if reason.kind == "code"]
            wanted = module in reached[planned.step.split()[0]]
            # The folder with the Targets' files is named by a string, and its package with it.
            if module != "edgekit.exporters":
                assert code == [module] * wanted, (module, planned.step)
                counts.append(wanted)
    assert 0.1 < sum(counts) / len(counts) < 0.9


# Walks from step to step, or draws what was found: nothing of it decides a result.
WALKS = ("edgekit.steps", "edgekit.report", "edgekit.drawing", "edgekit.progress")


@pytest.mark.slow
def test_what_a_real_run_executes_is_part_of_the_keys(new_project: Path, tmp_path: Path) -> None:
    settings = new_project / "edgekit.toml"
    quick = "pairs = 2\nmax_pairs = 2\nruns = 2\nseconds = 5\n"
    searched = f'[search]\n{quick}[targets.x86]\nprecision = "auto"\n'
    settings.write_text(settings.read_text().replace("[targets.x86]\n", searched))
    out = tmp_path / "ran.json"
    command = [sys.executable, "-m", "tests.steps.record_run", str(new_project), str(out)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    kinds = {name.split()[0] for name in found}
    assert kinds == {*WORK, "train", "validation", "search", "robustness"}
    ran = {
        step: {name for name in code["ran"] if not name.startswith(WALKS)}
        for step, code in found.items()
    }
    assert all(ran.values())
    missed = {step: names - set(found[step]["declared"]) for step, names in ran.items()}
    assert not any(missed.values()), missed
