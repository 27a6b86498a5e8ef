"""A verdict, line by line."""

import numpy as np
import pytest

from edgekit.report.verification import lines
from edgekit.results.verification import Verification
from edgekit.verification.parity import Budget, decision_parity
from tests.report.conftest import verified

TRUTH = np.arange(40) % 2 == 1
SCORES = np.where(TRUTH, 0.9, 0.1) + np.arange(40) / 1000


def judged(scores, **budget):
    parity = decision_parity(SCORES, scores, TRUTH, [""] * 40, 0.5, Budget(**budget))
    return Verification.from_json({**verified(0.9), **parity.to_json()}, "verify.json")


@pytest.mark.parametrize("broken", [np.nan, 0.5])
def test_what_a_broken_artifact_gives_can_be_written(broken):
    """NaN and constant scores: a verdict, never a traceback."""
    result = judged(np.full(40, broken))
    said = [line for line in lines(result) if " no value" in line]
    assert result.verdict == "fail"
    assert len(said) == (4 if np.isnan(broken) else 0)


def test_every_figure_with_a_budget_has_a_line_and_its_limit_a_sign():
    said = {line.split()[0]: line for line in lines(judged(SCORES, hter=0.05))}
    assert said["auc"].endswith("budget -0.01")
    assert said["hter"].endswith("budget +0.05")
    assert said["flips"].endswith("budget 3.00%")
    assert "eer" not in said
