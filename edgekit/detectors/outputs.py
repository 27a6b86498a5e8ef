"""Are a Detector's outputs what its Signature says they are? Looked at on real samples.

Probabilities that are read as logits give scores near one half, whatever the model has seen; logits
that are read as probabilities give scores outside 0..1.
"""

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.errors import InputError
from edgekit.signature import Signature

NEAR = 1e-4  # how far a row of probabilities may be from 1 in float32
ENOUGH = 16  # samples; a lone logit is in 0..1 often enough, that many of them are no accident


def check_detector(detector: Detector, data: Dataset, what: str) -> None:
    """Run a Detector on a few samples of all classes and check what it puts out.

    Args:
        detector: a float Detector.
        data: samples, opened with its Signature.
        what: whose outputs they are, for the message.

    Raises:
        InputError: see `check_meaning`.
    """
    places = np.linspace(0, len(data) - 1, ENOUGH).astype(int).tolist()
    _, arrays = next(data.batches(ENOUGH, places))
    check_meaning(detector.logits(arrays), detector.signature, what)


def check_meaning(outputs: NDArray[np.float32], signature: Signature, what: str) -> None:
    """Refuse outputs that are not what a Signature says.

    Outputs that are not finite are left to those who can name the weights that they come from.

    Args:
        outputs: a float Detector's on real samples, [N, C].
        signature: what it says of them.
        what: whose outputs they are, for the message.

    Raises:
        InputError: naming what the outputs are and what to set.
    """
    if not len(outputs) or not np.isfinite(outputs).all():
        return
    found = _meaning(outputs)
    few = found == "score" and len(outputs) < ENOUGH
    if found == signature.output or (signature.output == "logits" and few):
        return
    raise InputError(
        f"{what} puts out {_described(outputs)}: no {signature.output}, as its signature says",
        f'Set output = "{found}" in its signature, or correct the model',
    )


def _meaning(outputs: NDArray[np.float32]) -> str:
    if not ((outputs >= 0) & (outputs <= 1)).all():
        return "logits"
    if outputs.shape[1] == 1:
        return "score"
    apart = np.abs(outputs.sum(axis=1, dtype=np.float64) - 1.0)
    return "probabilities" if apart.max() <= NEAR else "logits"


def _described(outputs: NDArray[np.float32]) -> str:
    low, high = float(outputs.min()), float(outputs.max())
    figures = f"figures from {low:.4g} to {high:.4g}"
    if outputs.shape[1] == 1:
        return f"lone {figures}"
    sums = outputs.sum(axis=1, dtype=np.float64)
    return f"{figures} with rows that sum to {sums.min():.4g} to {sums.max():.4g}"
