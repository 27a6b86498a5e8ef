"""Statistics of images that depend on one another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.verification.bootstrap import group_strata, paired_deltas
from edgekit.verification.delong import auc_change, delong_figure
from edgekit.verification.figures import BothScores
from edgekit.verification.groups import (
    FEWEST,
    clustered_interval,
    design_effect,
    refuse_one_group,
    sign_flip_p,
    symmetric_interval,
)
from edgekit.verification.parity import Budget, decision_parity
from edgekit.verification.retrieval import retrieval_agreement
from edgekit.verification.statistics import exact_interval, mcnemar

WIDE = Budget(auc=1, ap=1, accuracy=1, flips=1)


def scores(count, size, seed=0, share=0.6, mixed=False):
    """Reference, artifact, truth and groups of `count` groups of `size` images."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(count), size)
    positives = (np.arange(len(groups)) if mixed else groups) % 2 == 0

    def noise():
        of_group, own = rng.normal(size=count)[groups], rng.normal(size=len(groups))
        return np.sqrt(share) * of_group + np.sqrt(1 - share) * own

    before = 2 * positives + noise()
    return before, before + 0.3 * noise(), positives, groups


def judged(count, size, budget=WIDE, grouped=True, **more):
    before, after, positives, groups = scores(count, size, **more)
    groups = groups if grouped else None
    return decision_parity(before, after, positives, [""] * len(before), 1.0, budget, groups=groups)


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=40))
def test_with_one_image_a_group_it_is_mcnemars_test(signs):
    signs = np.array(signs, dtype=int)
    lost, won = signs < 0, signs > 0
    found = sign_flip_p(lost, won, np.arange(len(signs)))
    assert found == pytest.approx(mcnemar(int(lost.sum()), int(won.sum())))


def test_losses_of_one_video_are_one_piece_of_evidence():
    lost = np.arange(60) < 30
    together = np.repeat(np.arange(2), 30)
    assert sign_flip_p(lost, ~lost & False, together) == 1.0
    assert sign_flip_p(lost, ~lost & False, np.arange(60)) < 1e-6


@given(st.integers(2, 30), st.integers(1, 20))
def test_images_that_are_all_alike_in_a_group_are_worth_one(count, size):
    values = np.repeat(np.random.default_rng(count).normal(size=count), size)
    effect = design_effect(values, np.repeat(np.arange(count), size))
    images = count * size
    assert effect == pytest.approx(size * count / (count - 1) * (1 - 1 / images))
    assert design_effect(np.ones(images), np.arange(images)) == 1


def test_the_interval_of_a_share_is_the_exact_one_of_fewer_images():
    hit = np.arange(1000) % 10 == 0
    alone = clustered_interval(hit, np.arange(1000))
    assert alone.interval == pytest.approx(exact_interval(100, 1000), abs=1e-3)
    videos = clustered_interval(np.repeat(np.arange(100) % 10 == 0, 10), np.repeat(range(100), 10))
    assert videos.effective == pytest.approx(100, rel=0.1)
    assert videos.interval == pytest.approx(exact_interval(10, 100), abs=0.01)


def test_without_a_single_hit_the_scores_tell_how_images_go_together():
    hit, groups = np.zeros(300, dtype=bool), np.repeat(np.arange(30), 10)
    spread = np.repeat(np.random.default_rng(0).random(30), 10)
    assert clustered_interval(hit, groups, spread).interval[1] > 0.1
    assert clustered_interval(hit, groups).interval[1] < 0.02


def test_one_image_a_group_gives_delongs_variance():
    before, after, positives, _ = scores(80, 1)
    both = BothScores(before, after, positives, [""] * 80, 1.0, groups=np.arange(80))
    one, many = auc_change(both, grouped=False), auc_change(both)
    assert many.delta == one.delta
    assert many.deviation == pytest.approx(one.deviation, rel=1e-9)
    assert many.free == 39
    assert delong_figure(both, 0.01) is not None


@pytest.mark.parametrize("mixed", [False, True])
def test_obuchowskis_deviation_is_the_bootstraps(mixed):
    before, after, positives, groups = scores(200, 6, mixed=mixed)
    both = BothScores(before, after, positives, [""] * len(before), 1.0, groups=groups)
    strata = group_strata(positives, both.slices, groups)
    drawn = paired_deltas(["auc"], both.cases, strata, 1000, 0, groups)["auc"]
    assert auc_change(both).deviation == pytest.approx(drawn.std(), rel=0.1)


def test_strata_of_groups_are_class_and_slice_and_both_classes_together():
    groups = np.repeat(np.arange(90), 2)
    positives = np.repeat([True, False], 90)
    slices = ["a"] * 40 + ["b"] * 50 + [""] * 90
    assert np.bincount(group_strata(positives, slices, groups)).tolist() == [45, 20, 25]
    both = np.tile([True, False], 90)
    assert np.bincount(group_strata(both, slices, groups)).tolist() == [90]
    few = np.concatenate([[True, True], both[2:]])
    assert np.bincount(group_strata(few, slices, groups)).tolist() == [90]


def test_few_groups_widen_and_many_do_not():
    drawn = np.random.default_rng(0).normal(size=20_000)
    few, many = (symmetric_interval(0.0, drawn, free)[1] for free in (19, 5000))
    assert many == pytest.approx(1.96, rel=0.02)
    assert few == pytest.approx(2.093 * 20 / 19, rel=0.02)
    low, high = symmetric_interval(1.0, 0 * drawn, 19, 0.25)
    assert (1 - low, high - 1) == pytest.approx((2.093 * 0.25, 2.093 * 0.25), rel=1e-3)


@pytest.mark.parametrize("mixed", [False, True])
def test_videos_make_intervals_wider_and_are_counted(mixed):
    alone, found = (judged(60, 10, grouped=grouped, mixed=mixed) for grouped in (False, True))
    assert alone.groups is None
    assert found.groups.count == 60
    assert found.groups.fewest == (60 if mixed else 30)
    assert found.groups.effective_images < 600
    for name in ("flips",) if mixed else ("auc", "ap", "accuracy", "flips"):
        (a, b), (c, d) = (x.decision.figures[name].interval for x in (alone, found))
        assert d - c > b - a, name
    written = found.to_json()
    assert type(found).from_json(written, "x") == found
    assert {"groups", "groups_to_decide"} & alone.to_json().keys() == set()


def test_too_few_groups_are_inconclusive_and_say_how_many_decide():
    found = judged(2 * FEWEST - 2, 30)
    assert found.verdict == "inconclusive"
    assert not found.groups.enough
    assert found.groups_to_decide == 2 * FEWEST
    assert judged(2 * FEWEST, 30).verdict == "pass"


def test_scores_that_are_not_finite_fail_whatever_the_groups():
    before, after, positives, groups = scores(8, 5)
    after[0] = np.nan
    run = (before, after, positives, [""] * 40, 1.0, WIDE)
    assert decision_parity(*run, groups=groups).verdict == "fail"


def test_so_many_groups_like_these_do_decide():
    before, after, positives, groups = scores(60, 10, seed=3)
    rate = judged(60, 10, seed=3).decision.flips.rate
    run, budget = (before, after, positives), Budget(auc=1, ap=1, accuracy=1, flips=rate + 0.015)
    few = decision_parity(*run, [""] * 600, 1.0, budget, groups=groups)
    assert few.verdict == "inconclusive"
    assert few.images_to_decide == 10 * few.groups_to_decide
    times = -(-few.groups_to_decide // 60)
    more = [np.tile(values, times) for values in run]
    named = np.concatenate([groups + 60 * turn for turn in range(times)])
    many = decision_parity(*more, [""] * len(named), 1.0, budget, groups=named)
    assert many.verdict == "pass"


def test_slices_say_how_many_groups_they_hold():
    before, after, positives, groups = scores(40, 5)
    slices = np.where(positives, "gan", "").tolist()
    found = decision_parity(before, after, positives, slices, 1.0, WIDE, groups=groups)
    assert found.decision.slices["gan"].groups == 20
    assert found.decision.slices["gan"].to_json()["groups"] == 20


def test_one_group_is_refused():
    with pytest.raises(InputError, match="all 4 test images are of one group"):
        refuse_one_group(np.zeros(4, dtype=np.intp))


def test_neighbours_are_looked_for_outside_of_the_own_group():
    rng = np.random.default_rng(0)
    videos = np.repeat(np.arange(30), 4)
    rows = rng.normal(size=(30, 16))[videos] + 0.01 * rng.normal(size=(120, 16))
    other = rng.permuted(rng.normal(size=(30, 16)), axis=0)[videos] + 0.0 * rows
    assert retrieval_agreement(rows, other, 3).kept > 0.9  # each video finds itself
    assert retrieval_agreement(rows, other, 3, videos).kept < 0.5
    assert retrieval_agreement(rows, other, 3, np.zeros(120, dtype=np.intp)) is None
