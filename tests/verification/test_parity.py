import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.verification.parity import Budget, decision_parity

WIDE = Budget(auc=1, ap=1, accuracy=1, flips=1)


def sample(images=900, noise=0.0, seed=0):
    """Scores of a fair detector and of an artifact with noise on its logits."""
    rng = np.random.default_rng(seed)
    positives = np.arange(images) % 2 == 0
    logits = 2.5 * positives - 1.25 + rng.normal(size=images)
    slices = [f"decoder{i % 3}" if positive else "" for i, positive in enumerate(positives)]
    other = logits + noise * rng.normal(size=images)
    return sigmoid(logits), sigmoid(other), positives, slices


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def test_equal_scores_pass_on_enough_images():
    parity = decision_parity(*sample(900), 0.5, Budget())
    assert parity.verdict == "pass"
    assert parity.failures == ()
    assert parity.images_to_decide is None
    assert parity.decision.auc.difference == 0


def test_equal_scores_of_few_images_prove_nothing():
    parity = decision_parity(*sample(60), 0.5, Budget())
    assert parity.verdict == "inconclusive"
    assert parity.decision.flips.verdict == "inconclusive"
    assert parity.images_to_decide == 122


def test_ruined_scores_fail_and_each_failure_says_figure_interval_and_budget():
    parity = decision_parity(*sample(900, noise=3.0), 0.5, Budget())
    assert parity.verdict == "fail"
    assert [line.split(":")[0] for line in parity.failures] == ["auc", "ap", "accuracy", "flips"]
    assert all("95% interval" in line and "budget" in line for line in parity.failures)
    assert parity.images_to_decide is None


def test_a_better_artifact_passes_even_far_from_the_reference():
    reference, _, positives, slices = sample(900, seed=1)
    better = np.where(positives, 0.9, 0.1)
    parity = decision_parity(reference, better, positives, slices, 0.5, Budget(flips=1))
    assert parity.verdict == "pass"
    assert parity.decision.auc.interval[0] > 0


def test_so_many_images_of_the_same_kind_do_decide():
    scores = sample(400, noise=0.15)
    budget = Budget(auc=0.005)
    few = decision_parity(*scores, 0.5, budget)
    assert few.verdict == "inconclusive"
    times = math.ceil(1.2 * few.images_to_decide / 400)
    more = [np.tile(column, times) for column in scores]
    assert decision_parity(*more, 0.5, budget).verdict in ("pass", "fail")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_not_finite_fail_and_leave_no_figure(bad):
    reference, artifact, positives, slices = sample(200)
    artifact[3] = bad
    parity = decision_parity(reference, artifact, positives, slices, 0.5, WIDE)
    assert parity.verdict == "fail"
    assert parity.failures == ("scores: 1 of the artifact's 200 are NaN or infinite",)
    assert parity.decision.auc.artifact is None
    assert parity.decision.flips.count is None
    json.dumps(parity.to_json(), allow_nan=False)


def test_constant_scores_fail_even_where_no_figure_shows_it():
    reference = np.array([0.6, 0.7] * 100)
    positives = np.array([True, True, False, False] * 50)
    parity = decision_parity(reference, np.full(200, 0.65), positives, [""] * 200, 0.5, WIDE)
    assert parity.decision.auc.difference == 0
    assert parity.verdict == "fail"
    assert "all 200 of the artifact's are 0.65" in parity.failures[0]


def test_constant_scores_are_no_fault_where_the_reference_is_constant_too():
    positives = np.arange(200) % 2 == 0
    half = np.full(200, 0.5)
    assert decision_parity(half, half, positives, [""] * 200, 0.5, Budget()).verdict == "pass"


def test_slices_of_one_class_stand_against_all_of_the_other():
    reference, artifact, positives, _ = sample(300, noise=0.5)
    slices = np.where(positives, "fakes", "photographs").tolist()
    parity = decision_parity(reference, artifact, positives, slices, 0.5, WIDE)
    assert set(parity.decision.slices) == {"fakes", "photographs"}
    for figure in parity.decision.slices.values():
        assert figure.images == 150
        assert figure.auc.difference == parity.decision.auc.difference


def test_a_slice_of_both_classes_stands_for_itself():
    positives = np.array([True, False] * 100)
    slices = ["camera"] * 100 + [""] * 100
    reference = np.where(positives, 0.9, 0.1)
    artifact = reference.copy()
    artifact[:100] = 1 - artifact[:100]
    parity = decision_parity(reference, artifact, positives, slices, 0.5, WIDE)
    camera = parity.decision.slices["camera"]
    assert (camera.images, camera.seen) == (100, None)
    assert camera.auc.values() == {"reference": 1.0, "artifact": 0.0, "delta": -1.0}
    assert camera.figures["accuracy"].values() == {"reference": 1.0, "artifact": 0.0, "delta": -1.0}
    assert parity.decision.novelty is None


def test_what_training_saw_is_told_from_what_it_did_not_see():
    positives = np.arange(200) % 2 == 0
    slices = np.where(positives, np.where(np.arange(200) < 100, "old", "new"), "").tolist()
    reference = np.where(positives, 0.9, 0.1)
    artifact = np.where(np.array(slices) == "new", 0.05, reference)
    parity = decision_parity(reference, artifact, positives, slices, 0.5, WIDE, seen={"old"})
    assert {k: v.seen for k, v in parity.decision.slices.items()} == {
        "new": False,
        "old": True,
    }
    novelty = parity.decision.novelty
    assert {name: figure.auc.artifact for name, figure in novelty.items()} == {
        "seen": 1.0,
        "unseen": 0.0,
    }


def test_an_artifact_with_its_own_threshold_decides_by_it():
    positives = np.array([True, False] * 100)
    scores = np.where(positives, 0.9, 0.1)
    same = decision_parity(scores, scores, positives, [""] * 200, 0.5, Budget())
    stale = decision_parity(scores, scores, positives, [""] * 200, 0.5, Budget(), own=0.95)
    assert same.verdict == "pass"
    assert stale.verdict == "fail"
    assert stale.decision.flips.count == 100
    assert stale.decision.shift.kind == "threshold"


def test_one_class_is_refused():
    with pytest.raises(InputError, match="two classes"):
        decision_parity([0.1, 0.9], [0.1, 0.9], [True, True], ["", ""], 0.5, Budget())


def test_a_broken_reference_is_refused():
    with pytest.raises(InputError, match="1 of the reference's 2"):
        decision_parity([np.nan, 0.9], [0.1, 0.9], [False, True], ["", ""], 0.5, Budget())


def test_lengths_must_agree():
    with pytest.raises(InputError, match="differ in length"):
        decision_parity([0.1], [0.1, 0.9], [False, True], ["", ""], 0.5, Budget())


def test_budget_is_a_share():
    with pytest.raises(InputError, match="auc"):
        Budget.parse({"auc": -0.1}, "edgekit.toml: [budget]")


@settings(max_examples=40, deadline=None)
@given(
    scores=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=60),
    budget=st.floats(0, 0.5),
)
def test_verdict_follows_the_intervals(scores, budget):
    reference, artifact = np.array(scores).T
    positives = np.arange(len(scores)) % 2 == 0
    limits = Budget(auc=budget, ap=budget, accuracy=budget, flips=budget)
    parity = decision_parity(
        reference, artifact, positives, [""] * len(scores), 0.5, limits, resamples=100
    )
    json.dumps(parity.to_json(), allow_nan=False)
    figures = [parity.decision.figures[name] for name in ("auc", "ap", "accuracy", "flips")]
    for figure in figures[:3]:
        low, high = figure.interval
        assert (figure.verdict == "pass") == (low >= -budget)
        assert (figure.verdict == "fail") == (high < -budget)
    if parity.verdict == "pass":
        assert all(figure.verdict == "pass" for figure in figures)
    if parity.verdict == "inconclusive":
        assert not any(figure.verdict == "fail" for figure in figures)
