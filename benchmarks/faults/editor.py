"""What damage needs of an artifact, whatever its file format."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Editor(ABC):
    """An artifact's convolutions and linears, in the order of the student's Program.

    Attributes:
        names: the student's module names of these layers.
    """

    def __init__(self, path: Path, names: list[str]) -> None:
        self.path = path
        self.names = names

    @abstractmethod
    def weight(self, layer: int) -> Array:
        """Return a layer's weight, output channels first, input channels second."""

    @abstractmethod
    def set_weight(self, layer: int, weight: Array) -> None:
        """Replace it; same shape, same dtype."""

    @abstractmethod
    def scale(self, layer: int) -> NDArray[np.float32]:
        """Return the scales of a layer's integers, one per output channel."""

    @abstractmethod
    def set_scale(self, layer: int, scale: NDArray[np.float32]) -> None:
        """Replace them."""

    @abstractmethod
    def bias(self, layer: int) -> NDArray[np.float64]:
        """Return a layer's bias, in real numbers."""

    @abstractmethod
    def set_bias(self, layer: int, bias: NDArray[np.float64]) -> None:
        """Replace it."""

    @abstractmethod
    def squeeze_output(self, layer: int, factor: float, shift: int) -> None:
        """Multiply the scale of what a layer gives and shift its zero point."""

    @abstractmethod
    def misread_layout(self) -> None:
        """Make the artifact read its NCHW input as if it were NHWC."""

    @abstractmethod
    def save(self) -> None:
        """Write the artifact back."""
