"""Simulated detectors whose true drop is known: does the interval hold what it promises?"""

import numpy as np
import pytest
from scipy.stats import norm

from edgekit.verify.parity import Budget, decision_parity

MEAN, NOISE, THRESHOLD = 2.0, 0.35, 1.0


def truth(noise):
    """AUC, AP and accuracy at THRESHOLD of N(MEAN, 1 + noise^2) against N(0, 1 + noise^2)."""
    spread = np.sqrt(1 + noise**2)
    cuts = np.linspace(MEAN + 10, -10, 200_001)
    recall, alarms = norm.sf((cuts - MEAN) / spread), norm.sf(cuts / spread)
    precision = recall / (recall + alarms)
    return {
        "auc": norm.cdf(MEAN / (spread * np.sqrt(2))),
        "ap": np.trapezoid(precision, recall),
        "accuracy": 0.5 * (norm.sf((THRESHOLD - MEAN) / spread) + norm.cdf(THRESHOLD / spread)),
    }


BEFORE, AFTER = truth(0.0), truth(NOISE)
DROP = {name: BEFORE[name] - AFTER[name] for name in BEFORE}


def simulate(images, runs, resamples, budget):
    """Judge `runs` independent test sets; one dict of figures each."""
    rng = np.random.default_rng(20)
    positives = np.arange(images) % 2 == 0
    for seed in range(runs):
        logits = MEAN * positives + rng.normal(size=images)
        other = logits + NOISE * rng.normal(size=images)
        slices = [""] * images
        yield decision_parity(
            logits, other, positives, slices, THRESHOLD, budget, resamples, seed
        ).decision


@pytest.mark.slow
@pytest.mark.parametrize("images", [300, 900])
def test_interval_covers_the_true_drop_and_the_edge_of_the_budget_rarely_passes(images):
    runs = 1000
    found = list(simulate(images, runs, 1000, Budget(**DROP, flips=1)))
    for name, drop in DROP.items():
        covered = sum(f[name]["ci95"][0] <= -drop <= f[name]["ci95"][1] for f in found) / runs
        passed = sum(f[name]["verdict"] == "pass" for f in found) / runs
        failed = sum(f[name]["verdict"] == "fail" for f in found) / runs
        assert 0.93 <= covered <= 0.97, name
        assert passed <= 0.05, name
        assert failed <= 0.05, name
