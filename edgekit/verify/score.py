"""Run a float Detector over a dataset."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset, open_dataset
from edgekit.detectors.detector import Detector

BATCH = 32


def score(
    detector: Detector, data: Dataset, progress: Callable[[int, int], None] | None = None
) -> NDArray[np.float32]:
    """Return the Detector's logits, float32 [N, C], one batch of images in memory at a time.

    Args:
        detector: reads the dataset with its own preprocessing.
        data: the samples, in the order of the result.
        progress: called with (samples done, samples in all).
    """
    if data.signature.inputs != detector.signature.inputs:
        opened = open_dataset(data.folder, detector.signature)
        data = replace(opened, disturb=data.disturb)
    rows = []
    for chosen, arrays in data.batches(BATCH):
        rows.append(detector.logits(arrays))
        if progress:
            progress(int(chosen[-1]) + 1, len(data))
    return np.concatenate(rows)
