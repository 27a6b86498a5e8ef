"""Logits in another order than the classes."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from edgekit.results.cause import Cause
from edgekit.verification.causes.cause import explains
from edgekit.verification.tensors import sqnr

_TRIED = 5  # classes whose orders are all tried


def find_labels(
    reference: NDArray[np.float32], logits: NDArray[np.float32], classes: Sequence[str]
) -> Cause | None:
    """Find an order of the artifact's logits in which they are the student's.

    Args:
        reference: logits of the student, [N, C].
        logits: of the artifact on the same images, [N, C].
        classes: C names.
    """
    comparable = reference.shape == logits.shape and len(classes) == logits.shape[1]
    if not comparable or not np.isfinite(logits).all():
        return None
    order = max(_orders(reference, logits), key=lambda each: sqnr(reference, logits[:, each]))
    if not explains(sqnr(reference, logits[:, order]), sqnr(reference, logits)):
        return None
    names = ", ".join(classes[order.index(place)] for place in range(len(classes)))
    what = f"its logits are in another order than the classes: {names}"
    advice = "export it again, or give the classes in the order that the student was trained with"
    return Cause(kind="labels", what=what, advice=advice)


def _orders(reference: NDArray[np.float32], logits: NDArray[np.float32]) -> list[list[int]]:
    """List the orders that are worth a look: all of a few, else the one that fits best."""
    count = logits.shape[1]
    if count <= _TRIED:
        return [list(order) for order in permutations(range(count))]
    apart = np.square(reference[:, :, None] - logits[:, None, :]).sum(axis=0)
    return [linear_sum_assignment(apart)[1].tolist()]
