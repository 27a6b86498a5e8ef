"""A search of a tiny trained network, in the real runtime."""

from dataclasses import replace

import pytest

from edgekit.devices import archive, local
from edgekit.devices.device import device_named
from edgekit.devices.request import RUN
from edgekit.devices.settings import DeviceSettings
from edgekit.devices.timing import Turns
from edgekit.exporters.recipe import default_recipe
from edgekit.search.measure import measure
from edgekit.search.search import search
from edgekit.search.trial import Trials, key_of
from edgekit.verification.parity import Budget

# Does as the runner, but ends otherwise on one candidate.
FAULTY = """
import os, sys, time
if {key!r} in sys.argv[1]:
    {fault}
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
        names = [trial.recipe.name for trial in found.trials]
        assert [name for name, _ in heard][: len(names)] == names
        assert {name for name, _ in heard[len(names) :]} <= {*names}  # timed as bench does
        assert found.trials[0].recipe.precision == "fp32"
        assert not any(reused for _, reused in heard)
        assert found.chosen.ci95[1] <= 1.0 or found.chosen.recipe.name == "fp32"

        lines = trials_file.read_text().splitlines(keepends=True)
        assert len(lines) >= len(found.trials) >= 2
        trials_file.write_text(lines[0] + lines[1][:50])
        again, report = watch()
        resumed = search(bench, Trials(trials_file), report)
    assert [reused for _, reused in again[:2]] == [True, False]
    assert resumed.trials[0] == found.trials[0]  # times and all


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("os.abort()", "the runtime crashed on int8 with SIGABRT"),
        ("time.sleep(60)", "running int8 took more than 5 s"),
    ],
)
def test_a_candidate_that_kills_the_runtime_is_noted_and_left_out(
    bench_of, trials_file, monkeypatch, fault, said
):
    with bench_of(timeout_s=5) as bench:
        int8 = default_recipe(bench.target, "int8")
        faulty = FAULTY.format(key=key_of(int8)[:16], fault=fault)
        monkeypatch.setattr(archive, "MAIN", faulty + archive.MAIN)
        found = search(bench, Trials(trials_file))
    assert [trial.outcome for trial in found.trials] == ["pass", "crashed"]
    assert found.trials[1].reason == said
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


class Slower:
    """This machine, where every candidate takes a tenth longer than the one beside it."""

    name, settings = "slower", DeviceSettings(url="local")

    def probe(self):
        return device_named("local").probe()

    def __call__(self, bundle, inputs, request=RUN):
        result = local.run(bundle, inputs, request)
        if request.against is not None:
            turns = Turns(own=((1.1,), (1.1,)), other=((1.0,), (1.0,)))
            timing = result.timing.model_copy(update={"turns": turns})
            return replace(result, timing=timing)
        return result


def test_a_candidate_that_was_only_lucky_is_not_shipped(bench_of, trials_file, trial_of):
    with bench_of(device=Slower(), seconds=1e-6) as bench:
        int8 = default_recipe(bench.target, "int8")
        update = {"recipe": int8, "key": key_of(int8)}
        Trials(trials_file).add(trial_of(ratio=0.9).model_copy(update=update))
        found = search(bench, Trials(trials_file))
    assert found.chosen.recipe.precision == "fp32"
    again = Trials(trials_file).found[key_of(int8)]
    assert again.judged
    assert again.ratio == pytest.approx(1.1)


def test_what_is_shipped_is_timed_as_bench_does(bench_of, trials_file, trial_of):
    with bench_of(seconds=1e-6) as bench:
        int8 = default_recipe(bench.target, "int8")
        update = {"recipe": int8, "key": key_of(int8)}
        Trials(trials_file).add(trial_of(ratio=0.9).model_copy(update=update))
        found = search(bench, Trials(trials_file))
    again = next(trial for trial in found.trials if trial.key == key_of(int8))
    assert again.judged
    assert again.ratio != 0.9
    assert again.never_slower == (found.chosen.key == again.key)


def test_candidates_run_on_a_board(bench_of, server):
    with bench_of(device=server.device()) as bench:
        floor = default_recipe(bench.target, "fp32")
        trial = measure(bench, default_recipe(bench.target, "int8"), floor)
    assert trial.outcome == "pass"
    assert trial.ratio > 0
    assert trial.timed_on["machine"] == server.device().probe().machine
    assert list((server.folder / "board" / "runs").iterdir()) == []
