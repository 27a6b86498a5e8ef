"""Run a float Detector over a dataset."""

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.outputs import check_meaning
from edgekit.progress import Progress

BATCH = 32


def score(
    detector: Detector, data: Dataset, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Return the Detector's outputs, float32 [N, C], one batch of images in memory at a time.

    Args:
        detector: reads the dataset with its own preprocessing.
        data: the samples, in the order of the result.
        progress: called with (samples done, samples in all).

    Raises:
        InputError: when the outputs are not what the Detector's Signature says.
    """
    if data.signature.inputs != detector.signature.inputs:
        data = data.opened_for(detector.signature)
    logits = None
    for chosen, arrays in data.batches(BATCH):
        found = detector.logits(arrays)
        if logits is None:
            # Many small arrays that stay between large ones that go would let memory grow.
            logits = np.empty((len(data), *found.shape[1:]), dtype=np.float32)
        logits[chosen] = found
        if progress:
            progress(int(chosen[-1]) + 1, len(data))
    if logits is None:
        return np.empty((0, 0), dtype=np.float32)
    check_meaning(logits, detector.signature, "the detector")
    return logits
