"""Scales and zero points.

Jacob et al. (CVPR 2018), equation 1: real = scale * (integer - zero_point).
"""

from dataclasses import dataclass

import torch

from edgekit.calibration.scheme import Scheme

# Below this a scale is as good as zero, and runtimes divide by it.
_SMALLEST = 2.0**-24
DTYPES = {"int8": (torch.int8, -128, 127), "uint8": (torch.uint8, 0, 255)}


@dataclass(frozen=True)
class WeightType:
    """The integers of weights: `steps` to either side of the zero point."""

    steps: int
    zero_point: int
    dtype: torch.dtype

    def arguments(self) -> tuple[int, int, torch.dtype]:
        """Return the last arguments of `quantized_decomposed` operators: low, high, dtype."""
        return self.zero_point - self.steps, self.zero_point + self.steps, self.dtype


# By the name in `Scheme.weights`.
WEIGHTS = {
    "int8": WeightType(127, 0, torch.int8),
    "int7": WeightType(64, 0, torch.int8),
    "uint8": WeightType(127, 128, torch.uint8),
}


@dataclass(frozen=True)
class QParams:
    """Scale, zero point and integer type of one tensor."""

    scale: float
    zero_point: int
    low: int
    high: int
    dtype: torch.dtype

    def arguments(self) -> tuple[float, int, int, int, torch.dtype]:
        """Return the arguments that `quantized_decomposed` operators take."""
        return self.scale, self.zero_point, self.low, self.high, self.dtype


def activation_qparams(low: float, high: float, scheme: Scheme) -> QParams:
    """Represent [low, high], widened to hold 0, which padding and ReLU need exactly.

    Args:
        low: smallest value to represent.
        high: largest value to represent.
        scheme: integer type, and whether the zero point must be 0.
    """
    dtype, first, last = DTYPES[scheme.activation]
    low, high = min(low, 0.0), max(high, 0.0)
    if scheme.symmetric:
        return QParams(max(max(-low, high) / 127, _SMALLEST), 0, -128, 127, dtype)
    scale = max((high - low) / (last - first), _SMALLEST)
    zero_point = min(max(round(first - low / scale), first), last)
    return QParams(scale, zero_point, first, last, dtype)


def unit_qparams(scheme: Scheme) -> QParams:
    """Represent [0, 1) in steps of 1 / 256, the only scale that TFLite's LOGISTIC gives."""
    dtype, low, high = DTYPES[scheme.activation]
    return QParams(1 / 256, low, low, high, dtype)


def weight_scales(
    weight: torch.Tensor, axis: int, per_channel: bool, steps: int = 127
) -> torch.Tensor:
    """Return symmetric scales, float32 [channels].

    No channel's scale is smaller than 2**-16 of the largest one's: a channel of zeros, or as good
    as zeros, would otherwise get a scale that XNNPACK refuses, and the whole layer would leave the
    fast path.

    Args:
        weight: float tensor.
        axis: output-channel axis.
        per_channel: with False all channels share the largest scale.
        steps: that the largest weight is away from 0.
    """
    largest = weight.detach().abs().movedim(axis, 0).flatten(1).amax(dim=1)
    if not per_channel:
        largest = largest.max().expand_as(largest)
    floor = max(float(largest.max()) / steps * 2.0**-16, _SMALLEST)
    return (largest / steps).clamp(min=floor).float().contiguous()
