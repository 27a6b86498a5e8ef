"""A float Program under correction."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.samples import Samples, spread
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.walk import Values, walk
from edgekit.errors import InputError

aten = torch.ops.aten
# Largest absolute value of each channel, float32 [C], by the name of the tensor's node.
Maxima = Mapping[str, NDArray[np.float32]]


@dataclass
class Draft:
    """What a correction from float to float works on.

    Attributes:
        graph: an unlifted Program; edited in place.
        samples: to measure channels on.
        settings: how far to go.
    """

    graph: GraphModule
    samples: Samples
    settings: CorrectionSettings

    def largest(self, name: str) -> NDArray[np.float32]:
        """Return the largest absolute value of each channel that a LayerNorm gives, float32 [C].

        Args:
            name: of the LayerNorm's node.

        Raises:
            InputError: when there are no samples to measure it on.
        """
        return self._measured[name]

    @cached_property
    def _measured(self) -> Maxima:
        if not len(self.samples):
            raise InputError("smooth needs samples", "Give calibration samples")
        return channel_maxima(self.graph, self.samples, self.settings.images)


def channel_maxima(graph: GraphModule, samples: Samples, count: int) -> Maxima:
    """Measure the largest absolute value of each channel that a LayerNorm gives.

    Args:
        graph: an unlifted float Program.
        samples: to choose from.
        count: how many samples to look at.

    Returns:
        float32 [C] by the LayerNorm's name.
    """
    found: dict[str, NDArray[np.float32]] = {}

    def look(node: Node, values: Values) -> None:
        if node.target == aten.layer_norm.default:
            found[node.name] = np.max([_largest(value) for value in values[node]], axis=0)

    with torch.inference_mode():
        walk(graph, spread(samples, count), after=look)
    return found


def _largest(value: torch.Tensor) -> NDArray[Any]:
    return np.asarray(value.abs().flatten(0, -2).amax(dim=0).numpy())
