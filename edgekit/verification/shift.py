"""Why decisions changed: scores that moved past the frozen threshold, or an order that was lost.

The first is cured by another threshold, the second by nothing but a better artifact. A threshold is
proposed, never applied: it was found on the images that it is judged by, so it has to be fixed on
others.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from edgekit.figure import Figure
from edgekit.metrics import Flags, Floats
from edgekit.results.decision import Shift
from edgekit.verdict import Verdict
from edgekit.verification.figures import BothScores


def shift_figure(both: BothScores, figures: Mapping[str, Figure]) -> Shift | None:
    """Find the threshold with which the artifact decides most as the reference does.

    Args:
        both: the scores.
        figures: of the decision.

    Returns:
        `threshold` when another threshold would bring the flips into their budget and the AUC is
        not outside its own, else `ranking`. None when the flips are not outside their budget.
    """
    flips, auc = figures["flips"], figures["auc"]
    if flips.verdict is not Verdict.FAIL or flips.budget is None or not both.finite:
        return None
    threshold, left = _nearest(both.artifact, both.calls[0])
    moved = left <= flips.budget and auc.verdict is not Verdict.FAIL
    kind: Literal["threshold", "ranking"] = "threshold" if moved else "ranking"
    return Shift(kind=kind, threshold=threshold, flips=left)


def _nearest(scores: Floats, wanted: Flags) -> tuple[float, float]:
    """Return the threshold with the fewest decisions other than `wanted`, and their share."""
    order = np.argsort(scores, kind="stable")
    values, calls = scores[order], wanted[order]
    # With the threshold before place k: the first k are called negative, the rest positive.
    missed = np.concatenate([[0], np.cumsum(calls)])
    raised = np.concatenate([np.cumsum(~calls[::-1])[::-1], [0]])
    ends = np.concatenate([[True], values[1:] > values[:-1], [True]])
    wrong = np.where(ends, missed + raised, len(scores) + 1)
    place = int(np.argmin(wrong))
    return _between(values, place), float(wrong[place]) / len(scores)


def _between(values: Floats, place: int) -> float:
    """Return a threshold that the first `place` of rising values miss and the rest reach."""
    if place == 0:
        return float(values[0])
    if place == len(values):
        return float(np.nextafter(values[-1], np.inf))
    middle = float(values[place - 1] + values[place]) / 2
    return middle if middle > values[place - 1] else float(values[place])
