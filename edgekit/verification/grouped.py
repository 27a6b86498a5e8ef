"""What groups leave of a number of images, and how many groups would decide."""

import math

import numpy as np

from edgekit.results.groups import Grouped
from edgekit.verification.delong import auc_change
from edgekit.verification.figures import BothScores
from edgekit.verification.groups import FEWEST, design_effect, groups_of_classes


def grouped(both: BothScores) -> Grouped | None:
    """Describe the groups of the images; None where every image stands by itself."""
    if both.groups is None:
        return None
    images = len(both.positives)
    return Grouped(
        count=len(np.unique(both.groups)),
        fewest=min(groups_of_classes(both.groups, both.positives)),
        effective_images=max(1, min(images, round(images / _effect(both)))),
        needed=FEWEST,
    )


def _effect(both: BothScores) -> float:
    """Return the design effect of the AUC's change; of the scores' where it has none."""
    assert both.groups is not None
    alone, found = auc_change(both, grouped=False), auc_change(both)
    if alone is not None and found is not None and alone.deviation > 0 and found.deviation > 0:
        return (found.deviation / alone.deviation) ** 2
    return max(1.0, design_effect(both.reference, both.groups))


def groups_to_decide(held: Grouped, images: int, needed: int | None) -> int | None:
    """Estimate how many groups like these would decide; None if none would.

    Args:
        held: the groups that there are.
        images: how many images they hold.
        needed: how many images would move every interval off its budget; None if none would, or
            all of them are.
    """
    least = 0 if held.enough else math.ceil(held.count * held.needed / held.fewest)
    more = 0 if needed is None else math.ceil(held.count * needed / images)
    return max(least, more) or None
