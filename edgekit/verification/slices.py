"""Which images a slice's figures are taken over."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def slice_masks(
    slices: Sequence[str], positives: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """Return for each slice the images that its figures are taken over, bool [N].

    A slice of one class stands against all images of the other class; a slice that has images of
    both classes stands for itself.

    Args:
        slices: name of each image's slice, "" for none.
        positives: which images are of the positive class, [N].
    """
    names, masks = np.asarray(slices, dtype=np.str_), {}
    for name in sorted(set(slices) - {""}):
        members = names == name
        mask = members.copy()
        if positives[members].all():
            mask |= ~positives
        elif not positives[members].any():
            mask |= positives
        masks[name] = mask
    return masks
