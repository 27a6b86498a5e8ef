"""What an artifact decides, held against the float student on the same images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.compare.subject import Subject
from edgekit.decision import scores
from edgekit.metrics import plain
from edgekit.verification.parity import Budget, decision_parity

# An AUC drop of 0.2 points at most, 95% sure, and 1% of the decisions changed at most.
AUC, FLIPS = 0.002, 0.01
BUDGET = Budget(auc=AUC, ap=AUC, accuracy=FLIPS, flips=FLIPS)
_METRICS = ("auc", "ap", "accuracy")


def compare(subject: Subject, logits: NDArray[np.float32]) -> dict[str, Any]:
    """Return the figures of `edgekit verify` and whether they are within the budget.

    Args:
        subject: the student.
        logits: of the artifact on the test images, float32 [N, C].
    """
    wanted = scores(subject.reference, subject.signature)
    got = scores(logits, subject.signature)
    threshold = subject.signature.threshold
    parity = decision_parity(wanted, got, subject.positives, subject.slices, threshold, BUDGET)
    figures = {name: parity.decision.figures[name].to_json() for name in (*_METRICS, "flips")}
    return {"decision": figures, "within_budget": within(figures)}


def within(figures: dict[str, Any]) -> bool:
    """Tell whether the AUC's drop is small enough for sure and few enough decisions changed."""
    auc, flips = figures["auc"]["ci95"], figures["flips"]["rate"]
    return auc is not None and flips is not None and auc[0] >= -AUC and flips <= FLIPS


def of_the_student(subject: Subject) -> dict[str, float]:
    """Return the float student's own metrics."""
    found = scores(subject.reference, subject.signature)
    threshold = subject.signature.threshold
    return {name: plain(name, found, subject.positives, threshold) for name in _METRICS}
