"""From logits to scores to decisions; the one definition that every room uses."""

import numpy as np
from numpy.typing import NDArray

from edgekit.signature import Signature


def scores(logits: NDArray[np.floating], signature: Signature) -> NDArray[np.float64]:
    """Return the probability of the positive class.

    Args:
        logits: [N, C] with C classes (softmax), or [N, 1] (sigmoid).
        signature: says which column is positive.

    Returns:
        [N], float64, 0..1; NaN where a logit is NaN.
    """
    values = np.asarray(logits, dtype=np.float64)
    if values.shape[1] == 1:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values[:, 0])))
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    column = signature.classes.index(signature.positive)
    return np.asarray(shifted[:, column] / shifted.sum(axis=1))


def decisions(values: NDArray[np.float64], signature: Signature) -> NDArray[np.bool_]:
    """Call each score positive or not at the Signature's frozen threshold."""
    return np.asarray(values >= signature.threshold)
