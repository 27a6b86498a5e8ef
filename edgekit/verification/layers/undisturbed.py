"""Read tensors out of an artifact without changing what it computes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edgekit.verification.tensors import sqnr

LOGITS = ""  # the artifact's own output among its layers
# More outputs may keep operators from being fused, which moves floats in their last digits; what
# moves the logits more than that runs other kernels than the artifact does.
_SAME_DB = 50.0
Trace = Mapping[str, NDArray[np.float32]]
# Runs an artifact, as it is or with more outputs, and returns those tensors, and its logits.
Tapping = Callable[[Sequence[str]], Trace]


def undisturbed(run: Tapping, tensors: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Trace with the kernels that the artifact runs with: its logits stay what they are.

    Args:
        run: runs the artifact with more outputs.
        tensors: the tensors to read.

    Returns:
        all of them, or where that changes the logits those halves, quarters and so on of them that
        change nothing; and the logits.
    """
    whole = run(())
    found = dict(whole)
    waiting = [list(tensors)]
    while waiting:
        some = waiting.pop()
        shown = run(some) if some else whole
        if sqnr(whole[LOGITS], shown[LOGITS]) >= _SAME_DB:
            found = {**shown, **found}
        elif len(some) > 1:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    return found


def named(found: Trace, taps: Mapping[str, str]) -> dict[str, NDArray[np.float32]]:
    """Return tensors by the layers that they were tapped for; what is not there is left out.

    Args:
        found: tensors by name.
        taps: the tensor of each layer.
    """
    return {layer: found[tensor] for layer, tensor in taps.items() if tensor in found}
