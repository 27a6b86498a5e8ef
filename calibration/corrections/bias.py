"""Correct the mean of each output channel that rounding has shifted.

Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019),
section 4.2, measured on samples instead of derived from batch norms: the shift of a channel is
E[float] - E[quantized], and a bias can hold it. Layers are corrected in graph order, each one while
those before it are corrected already. The float head is corrected too: it inherits what is left.
"""

import torch
from torch.fx import Node

from edgekit.calibration.corrections.constants import bias_of, store_bias, stored
from edgekit.calibration.corrections.samples import spread
from edgekit.calibration.corrections.twin import Twin
from edgekit.calibration.corrections.walk import Values, walk
from edgekit.calibration.operators import group_of


def bias_correction(twin: Twin) -> int:
    """Give every layer the bias that makes its channels' means those of the float Program.

    Returns:
        the number of layers.
    """
    if not twin.rounds:
        return 0
    samples = spread(twin.samples, twin.settings.images)
    free = {layer.simulated: layer.reference for layer in twin.layers}
    references, wanted = set(free.values()), {}

    def note(node: Node, values: Values) -> None:
        if node in references:
            wanted[node] = _mean(node, values)

    def correct(node: Node, values: Values) -> None:
        if node in free:
            shift = wanted[free[node]] - _mean(node, values)
            _add_to_bias(twin, node, shift)
            for value in values[node]:
                _channels_last(node, value).add_(shift)

    with torch.no_grad():
        walk(twin.reference, samples, after=note)
        walk(twin.simulated, samples, after=correct)
    return len(free)


def _channels_last(layer: Node, value: torch.Tensor) -> torch.Tensor:
    """View an output with its channels as the last dimension."""
    return value.movedim(1, -1) if group_of(layer) == "convolution" else value


def _mean(layer: Node, values: Values) -> torch.Tensor:
    """Return the mean of each channel over all samples and positions, float32 [C]."""
    rows = [_channels_last(layer, value).flatten(0, -2).mean(dim=0) for value in values[layer]]
    return torch.stack(rows).mean(dim=0)


def _add_to_bias(twin: Twin, layer: Node, shift: torch.Tensor) -> None:
    bias = bias_of(layer)
    before = torch.zeros_like(shift) if bias is None else stored(twin.simulated, bias)
    store_bias(twin.simulated, layer, before + shift)
