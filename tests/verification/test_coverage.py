"""Simulated detectors whose true drop is known: does the interval hold what it promises?"""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from edgekit.metrics import METRICS
from edgekit.verification.parity import Budget, decision_parity

MEAN, NOISE, THRESHOLD = 2.0, 0.35, 1.0


def truth(noise):
    """Every metric of logits N(MEAN, 1 + noise^2) against N(0, 1 + noise^2), by quadrature."""
    spread = np.sqrt(1 + noise**2)
    cuts = np.linspace(MEAN + 10, -10, 200_001)
    recall, alarms = norm.sf((cuts - MEAN) / spread), norm.sf(cuts / spread)
    found, alarm = norm.sf((THRESHOLD - MEAN) / spread), norm.sf(THRESHOLD / spread)
    equal = int(np.argmin(np.abs(1 - recall - alarms)))
    return {
        "auc": norm.cdf(MEAN / (spread * np.sqrt(2))),
        "ap": np.trapezoid(recall / (recall + alarms), recall),
        "eer": alarms[equal],
        "tpr_at_fpr": norm.sf((norm.isf(0.01) * spread - MEAN) / spread),
        "accuracy": 0.5 * (found + 1 - alarm),
        "balanced_accuracy": 0.5 * (found + 1 - alarm),
        "f1": 2 * found / (found + alarm + 1),
        "hter": 0.5 * (1 - found + alarm),
        "apcer": 1 - found,
        "bpcer": alarm,
        "acer": 0.5 * (1 - found + alarm),
        "ece": calibration_error(spread),
    }


def calibration_error(spread):
    """Of the posterior that is right without noise, 15 bins."""
    logits = np.linspace(-12, 12 + MEAN, 400_001)
    upper, lower = (norm.pdf(logits, mean, spread) for mean in (MEAN, 0.0))
    scores = posterior(logits)
    bins = np.minimum((scores * 15).astype(int), 14)
    gaps = 0.5 * ((scores - 1) * upper + scores * lower) * np.diff(logits)[0]
    return np.abs(np.bincount(bins, gaps)).sum()


def posterior(logits):
    """Probability of the positive class, at equal numbers of images."""
    return expit(MEAN * logits - MEAN**2 / 2)


BEFORE, AFTER = truth(0.0), truth(NOISE)
DROP = {name: METRICS[name].gain * (BEFORE[name] - AFTER[name]) for name in METRICS}


def flips_truth():
    """Share of images that noise brings over the threshold, by quadrature."""
    logits = np.linspace(-9, 9 + MEAN, 200_001)
    over = norm.sf((THRESHOLD - logits) / NOISE)
    moved = np.where(logits >= THRESHOLD, 1 - over, over)
    density = 0.5 * (norm.pdf(logits) + norm.pdf(logits - MEAN))
    return float(np.trapezoid(moved * density, logits))


def simulate_groups(size, share, runs, resamples, budget, groups=20, mixed=False, told=True):
    """Judge test sets whose scores, and their changes, have an effect of the group.

    Args:
        size: images of a group.
        share: of the variance that is the group's.
        runs: test sets.
        resamples: of the bootstrap.
        budget: what may be lost.
        groups: of each class; mixed ones hold both classes.
        mixed: whether they do.
        told: whether the verdict is told of groups.
    """
    rng = np.random.default_rng([size, round(10 * share)])
    of = np.repeat(np.arange(2 * groups), size)
    positives = (np.arange(len(of)) if mixed else of) % 2 == 0

    def noise():
        own, theirs = rng.normal(size=len(of)), rng.normal(size=2 * groups)[of]
        return np.sqrt(share) * theirs + np.sqrt(1 - share) * own

    for seed in range(runs):
        logits = MEAN * positives + noise()
        scored = (posterior(logits), posterior(logits + NOISE * noise()))
        rest = ([""] * len(of), posterior(THRESHOLD), budget, resamples, seed)
        yield decision_parity(*scored, positives, *rest, groups=of if told else None).decision


def shares_of(found, edge):
    """Count in percent how often intervals cover, and verdicts pass or fail, at the edge."""
    figures = [each.figures for each in found]
    return {
        name: (
            100 * np.mean([f[name].interval[0] <= true <= f[name].interval[1] for f in figures]),
            100 * np.mean([f[name].verdict == "pass" for f in figures]),
            100 * np.mean([f[name].verdict == "fail" for f in figures]),
        )
        for name, true in edge.items()
    }


EDGE = {name: -METRICS[name].gain * DROP[name] for name in METRICS if METRICS[name].interval}
EDGE["flips"] = flips_truth()
AT_EDGE = Budget(
    **{name: max(0.0, DROP[name]) for name in EDGE if name != "flips"}, flips=EDGE["flips"]
)


def simulate(images, runs, resamples, budget):
    """Judge `runs` independent test sets; one dict of figures each."""
    rng = np.random.default_rng(20)
    positives = np.arange(images) % 2 == 0
    for seed in range(runs):
        logits = MEAN * positives + rng.normal(size=images)
        other = logits + NOISE * rng.normal(size=images)
        slices = [""] * images
        scored, cut = (posterior(logits), posterior(other)), posterior(THRESHOLD)
        parity = decision_parity(*scored, positives, slices, cut, budget, resamples, seed)
        yield parity.decision.figures


JUDGED = [name for name, metric in METRICS.items() if metric.interval]
# Read off a curve of few steps, these keep to the safe side: their intervals cover more.
CAREFUL = ("eer", "tpr_at_fpr")


@pytest.mark.slow
@pytest.mark.parametrize("images", [300, 900])
def test_interval_covers_the_true_drop_and_the_edge_of_the_budget_rarely_passes(images):
    runs = 1000
    budget = Budget(**{name: DROP[name] for name in JUDGED}, flips=1)
    found = list(simulate(images, runs, 1000, budget))
    for name in JUDGED:
        true = -METRICS[name].gain * DROP[name]
        covered = sum(f[name].interval[0] <= true <= f[name].interval[1] for f in found) / runs
        passed = sum(f[name].verdict == "pass" for f in found) / runs
        failed = sum(f[name].verdict == "fail" for f in found) / runs
        assert 0.93 <= covered <= (1.0 if name in CAREFUL else 0.97), name
        assert passed <= 0.05, name
        assert failed <= 0.05, name


# With one image a group there are 20 of a class: shares of so few are careful, too.
FEW_IMAGES = 20


def check(found, size, least, most, passes):
    for name, (covered, passed, failed) in found.items():
        careful = name in CAREFUL or size * FEW_IMAGES < 100
        assert least <= covered <= (100 if careful else most), (name, covered)
        assert passed <= passes, (name, passed)
        assert failed <= passes, (name, failed)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("size", [1, 10, 30])
def test_the_intervals_of_groups_cover_from_twenty_of_a_class(size, share):
    """The bounds are 93 to 97 and 5 of 100, and what 1,000 simulations may miss them by."""
    found = shares_of(simulate_groups(size, share, 1000, 500, AT_EDGE), EDGE)
    check(found, size, 93 - 1, 97 + 1.5, 5 + 0.7)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.6])
@pytest.mark.parametrize(("size", "groups"), [(2, 20), (2, 100), (10, 20)])
def test_the_intervals_of_groups_that_hold_both_classes_cover(size, groups, share):
    """A photograph and what was made from it are such a group of two."""
    run = simulate_groups(size, share, 1000, 500, AT_EDGE, groups=groups, mixed=True)
    for name, (covered, passed, _) in shares_of(run, EDGE).items():
        assert covered >= 92, (name, covered)
        assert passed <= 5.7, (name, passed)


@pytest.mark.slow
def test_single_images_are_careful_at_twenty_of_a_class_alone():
    found = shares_of(simulate_groups(1, 0.3, 1000, 500, AT_EDGE, groups=60), EDGE)
    check(found, 1, 93 - 1, 100, 5 + 0.7)
    assert max(found[name][0] for name in ("auc", "ap", "accuracy", "flips")) <= 97 + 1.5


def test_groups_that_nobody_told_of_cover_too_rarely_and_told_ones_do():
    """A quick look at the promise: 60 test sets of 20 videos a class, 30 frames each."""
    run = (30, 0.6, 60, 200, AT_EDGE)
    alone, told = (shares_of(simulate_groups(*run, told=told), EDGE) for told in (False, True))
    for name in ("auc", "ap", "accuracy", "flips"):
        assert alone[name][0] < 70 < 86 <= told[name][0], name
