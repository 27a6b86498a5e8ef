"""What a float Detector said of images: what artifacts are held against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.signature import Signature


@dataclass(frozen=True)
class Scored:
    """The logits of a float Detector, without the Detector.

    Attributes:
        signature: the Detector's own: its classes and its frozen threshold.
        logits: float32 [N, C], in the order of the images.
    """

    signature: Signature
    logits: NDArray[np.float32]
