"""From a model's outputs to scores to decisions; the one definition that every room uses."""

import numpy as np
from numpy.typing import NDArray

from edgekit.signature import Signature


def scores(outputs: NDArray[np.floating], signature: Signature) -> NDArray[np.float64]:
    """Return the probability of the positive class.

    Args:
        outputs: what the Signature's `output` says: logits [N, C] of C classes (softmax) or [N, 1]
            (sigmoid), probabilities [N, C], or the score itself [N, 1].
        signature: says what the outputs are and which column is positive.

    Returns:
        [N], float64, 0..1; NaN where an output is NaN. Outputs that are probabilities already come
        back as they are.
    """
    values = np.asarray(outputs, dtype=np.float64)
    alone, column = values.shape[1] == 1, signature.classes.index(signature.positive)
    if signature.output != "logits":
        return np.asarray(values[:, 0 if alone else column])
    if alone:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values[:, 0])))
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(shifted[:, column] / shifted.sum(axis=1))


def decisions(values: NDArray[np.float64], signature: Signature) -> NDArray[np.bool_]:
    """Call each score positive or not at the Signature's frozen threshold."""
    return np.asarray(values >= signature.threshold)
