"""Read tensors out of an artifact without changing what it computes."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.verification.tensors import sqnr

LOGITS = ""  # the artifact's own output among its layers
# More outputs may keep operators from being fused, which moves floats in their last digits; what
# moves the logits more than that runs other kernels than the artifact does.
_SAME_DB = 50.0
Trace = dict[str, NDArray[np.float32]]


def undisturbed(run: Callable[[Mapping[str, str]], Trace], taps: Mapping[str, str]) -> Trace:
    """Trace with the kernels that the artifact runs with: its logits stay what they are.

    Args:
        run: runs the artifact with more outputs, the tensor of each layer, and returns them and
            its own output as LOGITS.
        taps: the tensor to read for each layer.

    Returns:
        all layers at once, or where that changes the logits those that change nothing alone.
    """
    whole = run({})
    found = run(taps)
    if sqnr(whole[LOGITS], found[LOGITS]) >= _SAME_DB:
        return {**found, **whole}
    single = [run({name: tap}) for name, tap in taps.items()]
    near = [each for each in single if sqnr(whole[LOGITS], each[LOGITS]) >= _SAME_DB]
    return {name: value for each in [*near, whole] for name, value in each.items()}
