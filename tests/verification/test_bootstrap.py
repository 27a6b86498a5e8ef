import numpy as np
import pytest

from edgekit.metrics import cases, plain
from edgekit.verification import bootstrap
from edgekit.verification.bootstrap import bootstrap_counts, paired_deltas, strata


def test_strata_are_class_and_slice():
    positives = np.repeat([True, False], [60, 40])
    slices = ["a"] * 30 + ["b"] * 30 + [""] * 40
    groups = strata(positives, slices)
    assert len(set(groups)) == 3
    assert all(
        len(set(zip(positives[groups == g], np.array(slices)[groups == g], strict=True))) == 1
        for g in set(groups)
    )


def test_small_slices_are_pooled_within_their_class():
    positives = np.repeat([True, False], [90, 90])
    slices = [str(index) for index in range(60)] + ["large"] * 30 + [str(i) for i in range(90)]
    groups = strata(positives, slices)
    assert sorted(np.bincount(groups).tolist()) == [30, 60, 90]
    assert not set(groups[positives]) & set(groups[~positives])


@pytest.mark.parametrize("block", [1 << 25, 200])
def test_every_resample_draws_each_stratum_in_full(monkeypatch, block):
    monkeypatch.setattr(bootstrap, "_BLOCK", block)
    weights = np.concatenate(list(bootstrap_counts([30, 1, 19], 500, seed=3)))
    assert weights.shape == (500, 50)
    for part, size in zip(np.split(weights, [30, 31], axis=1), [30, 1, 19], strict=True):
        assert (part.sum(axis=1) == size).all()
    # A count is binomial: mean 1, variance 1 - 1/n.
    assert weights[:, :30].var() == pytest.approx(1 - 1 / 30, rel=0.05)


def test_memory_is_bounded_by_blocks():
    blocks = bootstrap_counts([100_000], 10_000, seed=0)
    assert next(blocks).nbytes <= 2 * max(100_000, bootstrap._BLOCK)


def test_same_seed_same_deltas_another_seed_others():
    rng = np.random.default_rng(0)
    positives = rng.random(200) < 0.5
    pair = tuple(cases(rng.random(200), positives, 0.5) for _ in range(2))
    groups = strata(positives, [""] * 200)
    runs = [paired_deltas(["auc"], pair, groups, 50, seed)["auc"] for seed in (1, 1, 2)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_deltas_spread_around_the_plain_difference_whatever_the_order_of_the_images():
    rng = np.random.default_rng(0)
    positives = rng.random(2000) < 0.5
    before = positives + rng.normal(size=2000)
    after = before + rng.normal(size=2000)
    slices = rng.choice(["a", "b", ""], 2000).tolist()
    pair = (cases(before, positives, 0.5), cases(after, positives, 0.5))
    deltas = paired_deltas(["auc"], pair, strata(positives, slices), 400, 0)["auc"]
    wanted = plain("auc", after, positives, 0.5) - plain("auc", before, positives, 0.5)
    assert deltas.mean() == pytest.approx(wanted, abs=0.002)
    assert 0 < deltas.std() < 0.02
