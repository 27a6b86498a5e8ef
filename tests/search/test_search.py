"""A search of a tiny trained network, in the real runtime."""

import sys

import pytest

from edgekit.export.recipe import default_recipe
from edgekit.search import process
from edgekit.search.search import search
from edgekit.search.trial import Trials, key_of
from edgekit.verify.parity import Budget

# Does as `probe.py`, but dies of a real signal on one candidate.
FAULTY = """
import json, os, runpy, sys
if {key!r} in json.load(open(sys.argv[1]))["artifacts"][-1]:
    os.abort()
runpy.run_module("edgekit.search.probe", run_name="__main__")
"""


def watch():
    heard = []
    return heard, lambda trial, reused: heard.append((trial.recipe.name, reused))


@pytest.fixture
def trials_file(tmp_path):
    return tmp_path / "trials.jsonl"


@pytest.mark.slow
def test_it_finds_an_artifact_and_carries_on_where_it_was_killed(bench_of, trials_file):
    with bench_of(seconds=8) as bench:
        heard, report = watch()
        found = search(bench, Trials(trials_file), report)
        assert found.verdict == "pass"
        assert [name for name, _ in heard] == [trial.recipe.name for trial in found.trials]
        assert found.trials[0].recipe.precision == "fp32"
        assert not any(reused for _, reused in heard)
        assert found.chosen.ci95[1] <= 1.0 or found.chosen.recipe.name == "fp32"

        lines = trials_file.read_text().splitlines(keepends=True)
        assert len(lines) == len(found.trials) >= 2
        trials_file.write_text(lines[0] + lines[1][:50])
        again, report = watch()
        resumed = search(bench, Trials(trials_file), report)
    assert [reused for _, reused in again[:2]] == [True, False]
    assert resumed.trials[0] == found.trials[0]  # times and all


def test_a_candidate_that_kills_the_runtime_is_noted_and_left_out(
    bench_of, trials_file, monkeypatch, tmp_path
):
    script = tmp_path / "faulty.py"
    with bench_of() as bench:
        int8 = default_recipe(bench.target, "int8")
        script.write_text(FAULTY.format(key=key_of(int8)[:16]))
        monkeypatch.setattr(process, "COMMAND", (sys.executable, str(script)))
        found = search(bench, Trials(trials_file))
    assert [trial.outcome for trial in found.trials] == ["pass", "crashed"]
    assert found.trials[1].reason == "the runtime crashed with SIGABRT"
    assert Trials(trials_file).found[key_of(int8)].outcome == "crashed"
    assert (found.chosen.recipe.name, found.verdict) == ("fp32", "pass")


def test_a_budget_that_nobody_meets_is_a_fail_with_the_nearest(bench_of, trials_file):
    with bench_of(Budget(auc=0, ap=0, accuracy=0, flips=0), seconds=1e-6) as bench:
        found = search(bench, Trials(trials_file))
    assert found.verdict == "fail"
    assert found.chosen.recipe.name == "fp32"
    assert "flips may be" in found.reason


def test_no_trial_starts_after_the_time_is_over(bench_of, trials_file):
    with bench_of(seconds=1e-6) as bench:
        found = search(bench, Trials(trials_file))
    assert [trial.recipe.name for trial in found.trials] == ["fp32"]
