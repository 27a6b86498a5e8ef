"""Who stands before whom: ranks and running weights of images by falling score."""

from typing import Literal

import numpy as np

from edgekit.verify.metrics.cases import Flags, Floats, Indices


def ranked(scores: Floats, members: Flags) -> Indices:
    """Indices of the members, highest score first."""
    chosen = np.flatnonzero(members)
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")])


def preceding(scores: Floats, order: Indices, marks: Floats, *, ties: bool) -> Indices:
    """How many of `order` score above (with `ties`: at or above) each of the scores `marks`."""
    side: Literal["left", "right"] = "right" if ties else "left"
    return np.searchsorted(-scores[order], -marks, side=side)


def tally(block: Floats, order: Indices) -> Floats:
    """Weight of the first 0, 1, ... len(order) images of `order`, [R, len(order) + 1]."""
    found = np.zeros((len(block), len(order) + 1))
    np.cumsum(np.take(block, order, axis=1), axis=1, out=found[:, 1:])
    return found


def dot(left: Floats, right: Floats) -> Floats:
    """Inner product of each pair of rows, without the product array."""
    return np.asarray(np.einsum("rn,rn->r", left, right))
