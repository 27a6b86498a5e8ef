"""A real artifact, judged by metrics of which less is better."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.search.measure import measure
from edgekit.search.moves import baseline
from edgekit.search.search import search
from edgekit.search.trial import Trials
from edgekit.verification.parity import Budget

RATES = ("hter", "apcer", "eer")
STRICT = Budget(auc=1, ap=1, accuracy=1, flips=1, hter=0.01, apcer=0.01, eer=0.01)


def judged_against(bench, right):
    """Let the reference decide everything right, or everything wrong."""
    columns = np.arange(len(bench.heldout.signature.classes))
    mine = bench.heldout.labels[:, None] == columns
    logits = np.where(mine == right, 5.0, -5.0).astype(np.float32)
    return replace(bench, reference=logits)


@pytest.mark.parametrize(
    ("right", "verdict", "words"), [(False, "pass", ""), (True, "fail", "hter may rise by ")]
)
def test_errors_that_fall_are_inside_and_errors_that_rise_outside(bench_of, right, verdict, words):
    with bench_of(STRICT) as bench:
        trial = measure(
            judged_against(bench, right), baseline(bench.target), baseline(bench.target)
        )
    figures = [trial.decision[name] for name in RATES]
    inside = verdict == "pass"
    assert [figure.excess <= 1 for figure in figures] == [inside] * len(RATES)
    assert [figure.verdict == "pass" for figure in figures] == [inside] * len(RATES)
    assert trial.outcome == verdict
    assert words in trial.misses()


def test_a_search_whose_errors_only_fall_finds_something_inside(bench_of, tmp_path):
    with bench_of(STRICT, seconds=1e-6) as bench:
        found = search(judged_against(bench, False), Trials(tmp_path / "trials.jsonl"))
        lost = search(judged_against(bench, True), Trials(tmp_path / "others.jsonl"))
    assert found.verdict == "pass"
    assert found.chosen.excess <= 1
    assert lost.verdict == "fail"
    assert "eer may rise by " in lost.reason
