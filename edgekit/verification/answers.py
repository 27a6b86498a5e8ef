"""What the float Detector and an artifact say of the same images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.signature import Signature
from edgekit.verification.classes import Classes, classes_of
from edgekit.verification.contract import in_order


@dataclass(frozen=True)
class Answers:
    """What the float Detector and the artifact say of the same N images.

    Attributes:
        data: the images.
        reference: the float Detector's logits, float32 [N, C].
        logits: the artifact's, in the order that it gives them.
        own: the Signature in the bundle.
        frozen: the float Detector's.
    """

    data: Dataset
    reference: NDArray[np.float32]
    logits: NDArray[np.float32]
    own: Signature
    frozen: Signature

    @cached_property
    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores of reference and artifact, [N] each."""
        theirs = self.frozen.model_copy(update={"positive": self.own.positive})
        return scores(self.reference, self.frozen), scores(self._read, theirs)

    @cached_property
    def classes(self) -> Classes | None:
        """Which class each of them names."""
        data = self.data
        return classes_of(self.reference, self._read, data.labels, self.frozen, data.groups)

    @property
    def flipped(self) -> list[str]:
        """Names of the images that are decided otherwise, or get another class."""
        wanted, got = self.scores
        changed = (wanted >= self.frozen.threshold) != (got >= self.own.threshold)
        if self.classes is not None and self.classes.finite:
            before, after = self.classes.called
            changed = changed | (before != after)
        return [self.data.samples[place].name for place in np.flatnonzero(changed)]

    @cached_property
    def _read(self) -> NDArray[np.float32]:
        """The artifact's logits as an app reads them that goes by the bundle's labels."""
        return in_order(self.logits, self.own, self.frozen)
