"""Who wins a search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.search.choose import choose
from edgekit.target import target_named


def floor_of(trial_of, **update):
    return trial_of(**{"ratio": 1.0, "drop": 0.0, "name": "fp32", **update})


def test_the_fastest_inside_the_budget_wins(trial_of):
    floor = floor_of(trial_of)
    trials = [floor, trial_of(0.7), trial_of(0.5, name="b"), trial_of(0.3, outcome="fail")]
    found = choose(trials, floor)
    assert (found.chosen.recipe.name, found.verdict, found.reason) == ("b", "pass", "")
    result = found.result(0.002, "local")
    assert result.key == found.chosen.key
    assert result.recipe == found.chosen.recipe.to_json()
    assert (len(result.trials), result.auc_budget) == (4, 0.002)


def test_of_trials_as_fast_the_one_that_decides_best_wins(trial_of):
    floor = floor_of(trial_of)
    sloppy, careful = trial_of(0.500, 0.0018), trial_of(0.505, 0.0004, name="careful")
    slower = trial_of(0.53, 0.0, name="slower")
    assert choose([floor, sloppy, careful, slower], floor).chosen == careful


def test_fp32_wins_unless_another_is_faster_for_sure(trial_of):
    floor = floor_of(trial_of)
    unsure = trial_of(0.97, half=0.04)
    assert choose([floor, unsure], floor).chosen == floor
    assert choose([floor, trial_of(1.4)], floor).chosen == floor


RATIOS = st.lists(
    st.tuples(st.floats(0.1, 3), st.floats(0, 0.3), st.sampled_from(["pass", "fail"])), max_size=8
)


@given(found=RATIOS)
def test_nothing_that_may_be_slower_or_is_worse_is_chosen(trial_of, found):
    floor = floor_of(trial_of)
    trials = [
        trial_of(r, half=min(h, r / 2), outcome=o, name=str(n)) for n, (r, h, o) in enumerate(found)
    ]
    chosen = choose([floor, *trials], floor).chosen
    assert chosen.outcome == "pass"
    assert chosen == floor or chosen.ci95[1] <= 1.0


def test_a_budget_that_nobody_meets_gives_the_nearest(trial_of):
    floor = floor_of(trial_of, drop=0.004, outcome="inconclusive")
    far, near = trial_of(0.4, drop=0.03, outcome="fail"), trial_of(0.6, 0.0031, "fail", "near")
    slow = trial_of(1.5, drop=0.001, outcome="fail", name="slow")
    found = choose([floor, far, near, slow], floor)
    assert (found.chosen, found.verdict) == (near, "fail")
    assert "the nearest is near: auc may drop by 0.31%, budget 0.2%" in found.reason
    assert "\n" not in found.reason
    assert near.recipe.name in found.describe()


def test_where_everything_crashes_its_reason_is_kept(trial_of):
    crashed = {"outcome": "crashed", "reason": "the runtime crashed with SIGABRT", "decision": {}}
    floor = floor_of(trial_of, **crashed).model_copy(update={"ci95": None, "ratio": None})
    found = choose([floor], floor)
    assert found.verdict == "fail"
    assert "SIGABRT" in found.reason


@pytest.mark.parametrize(("target", "machine"), [("android", "aarch64"), ("x86", "x86_64")])
def test_latencies_of_the_targets_own_kind_of_processor_need_no_word(trial_of, target, machine):
    found = choose([floor_of(trial_of)], floor_of(trial_of))
    assert found.timed_on({"machine": machine}, target_named(target)) == found


def test_latencies_of_another_kind_of_processor_are_said_to_be(trial_of):
    slow = floor_of(trial_of, outcome="fail", drop=0.1)
    here = {"machine": "x86_64", "processor": "Some CPU"}
    said = "timed on Some CPU (x86_64), which target android is not for"
    for floor in (floor_of(trial_of), slow):
        plain = choose([floor], floor)
        told = plain.timed_on(here, target_named("android"))
        assert told.chosen == plain.chosen
        assert told.reason.endswith(said)
        assert told.reason.startswith(plain.reason)
        assert said in told.describe()


@pytest.mark.parametrize("name", ["hter", "apcer", "eer"])
def test_of_error_rates_the_lower_one_decides_better(trial_of, name):
    """Both are as fast; that the rate fell may not count as if it had risen."""

    def tried(label, change):
        figure = {"reference": 0.2, "artifact": 0.2 + change, "budget": 0.05}
        figure["ci95"] = [change - 0.01, change + 0.01]
        return trial_of(0.5, name=label, decision={name: figure})

    floor, fell, rose = floor_of(trial_of), tried("fell", -0.1), tried("rose", 0.03)
    assert choose([floor, rose, fell], floor).chosen == fell


def test_what_modelled_cycles_are_worth_stands_in_the_reason(trial_of):
    found = choose([trial_of()], trial_of()).counted_on("cortex-a76")
    assert found.core == "cortex-a76"
    assert "by modelled cycles of cortex-a76 (fp32 alone" in found.reason
    assert found.result(0.01, "local").by == "precision chosen by modelled cycles of cortex-a76"
