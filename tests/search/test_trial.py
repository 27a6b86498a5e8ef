"""Trials, and the file that keeps them."""

import math

import pytest

from edgekit.search.trial import Trials, key_of


def test_excess_is_the_worst_share_of_a_budget(trial_of):
    assert trial_of(drop=0.0).excess == pytest.approx(0.02 / 0.03)
    assert trial_of(drop=0.001).excess == pytest.approx(0.02 / 0.03)
    assert trial_of(drop=0.005).excess == pytest.approx(2.5)


def test_excess_is_infinite_where_nothing_was_measured(trial_of):
    assert trial_of(decision={}).excess == math.inf
    no_value = {"auc": {"reference": 0.9, "artifact": None, "ci95": None, "budget": 0.1}}
    assert trial_of(decision=no_value).excess == math.inf


def test_the_key_ignores_the_name_and_nothing_else(trial_of):
    recipe = trial_of().recipe
    assert key_of(recipe) == key_of(recipe.model_copy(update={"name": "another"}))
    assert key_of(recipe) != key_of(recipe.model_copy(update={"floats": ("conv2d",)}))
    scheme = recipe.scheme.model_copy(update={"method": "entropy"})
    assert key_of(recipe) != key_of(recipe.model_copy(update={"scheme": scheme}))


def test_trials_come_back_from_the_disk(trial_of, tmp_path):
    path = tmp_path / "some" / "trials.jsonl"
    first, second = trial_of(name="a"), trial_of(name="b", outcome="fail")
    for trial in (first, second):
        Trials(path).add(trial)
    assert Trials(path).found == {first.key: first, second.key: second}


@pytest.mark.parametrize("kept", [1, 30, -2])
def test_a_damaged_last_line_costs_only_itself(trial_of, tmp_path, kept):
    path = tmp_path / "trials.jsonl"
    first, second, third = (trial_of(name=name) for name in "abc")
    trials = Trials(path)
    trials.add(first)
    whole = path.read_text()
    trials.add(second)
    path.write_text(whole + path.read_text()[len(whole) :][:kept])
    again = Trials(path)
    assert set(again.found) == {first.key}
    again.add(third)
    assert set(Trials(path).found) == {first.key, third.key}


def test_a_line_is_written_for_every_kind_of_end(trial_of):
    assert "0.50 [0.49, 0.51] of fp32, AUC drop at most 0.10 points" in trial_of().line()
    broken = trial_of(outcome="crashed", reason="SIGABRT", ratio=1.0, decision={})
    broken = broken.model_copy(update={"ratio": None, "ci95": None})
    assert broken.line() == "crashed: SIGABRT"
    nothing = {
        "auc": {"reference": 0.9, "artifact": None, "ci95": None, "budget": 0.1},
        "flips": {"count": None, "rate": None, "ci95": None, "budget": 0.1},
    }
    not_finite = trial_of(outcome="fail", decision=nothing)
    assert "-% flips" in not_finite.line()
    assert not_finite.misses() == "auc has no value; flips has no value"


def test_what_is_missed_is_said_with_its_budget(trial_of):
    assert trial_of(drop=0.0051, outcome="fail").misses() == "auc may drop by 0.51%, budget 0.2%"
    assert trial_of(decision={}, outcome="crashed", reason="SIGABRT").misses() == "SIGABRT"


def test_a_summary_is_plain_and_names_the_recipe(trial_of):
    summary = trial_of(drop=0.004, name="int8, slow layers float").summary()
    assert summary.name == "int8, slow layers float"
    assert summary.auc_drop == pytest.approx(0.004)
    assert summary.flips == 0.01
    assert "recipe" not in summary.to_json()


def error_rate(low, high, budget=0.01):
    """A rate of which less is better: how far its change may lie."""
    after = 0.2 + (low + high) / 2
    return {"reference": 0.2, "artifact": after, "ci95": [low, high], "budget": budget}


@pytest.mark.parametrize("name", ["hter", "apcer", "bpcer", "acer", "eer"])
def test_an_error_rate_that_rises_is_outside_and_one_that_falls_inside(trial_of, name):
    worse = trial_of(decision={name: error_rate(0.08, 0.12)})
    better = trial_of(decision={name: error_rate(-0.12, -0.08)})
    assert worse.excess == pytest.approx(12.0)
    assert worse.misses() == f"{name} may rise by 12.00%, budget 1%"
    assert better.excess == 0.0
    assert better.misses() == ""
