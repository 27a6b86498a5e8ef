"""Round weights so that what a layer computes changes least, instead of each weight by itself.

Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers"
(ICLR 2023), section 3: the error of a layer's output is quadratic in its weights, with the
curvature H = X X^T of its inputs X. Weights are rounded one input at a time, the steepest first,
and those still free make up for the error. It minimises what AdaRound (Nagel et al., ICML 2020)
minimises, but in closed form: seconds instead of minutes. At 8 bits it does little; it is for low
widths and for stubborn layers.
"""

from collections.abc import Sequence

import torch
from torch.fx import Node

from edgekit.calibration.corrections.compensate import compensate
from edgekit.calibration.corrections.constants import store, stored
from edgekit.calibration.corrections.patches import group_count, patches
from edgekit.calibration.corrections.samples import spread
from edgekit.calibration.corrections.simulate import Grid
from edgekit.calibration.corrections.twin import Layer, Twin
from edgekit.calibration.corrections.walk import Values, walk


def rounding(twin: Twin) -> int:
    """Round every quantized weight, each layer while those before it are rounded already.

    Returns:
        the number of layers.
    """
    samples = spread(twin.samples, twin.settings.images)
    chosen = {layer.simulated: layer for layer in twin.layers if layer.grid}

    def visit(node: Node, values: Values) -> None:
        if node in chosen:
            layer = chosen[node]
            assert layer.grid is not None
            rounded = _rounded(twin, layer, layer.grid, values)
            store(twin.simulated, twin.weight(layer), rounded)
            source = node.args[1]
            assert isinstance(source, Node)
            values[source] = [layer.grid.round(rounded)] * len(samples)

    if chosen:
        with torch.no_grad():
            walk(twin.simulated, samples, before=visit)
    return len(chosen)


def _rounded(twin: Twin, layer: Layer, grid: Grid, values: Values) -> torch.Tensor:
    """Return a layer's weight on its grid, fitted to the inputs that it sees."""
    node, settings = layer.simulated, twin.settings
    if settings.bits is not None:
        grid = Grid(grid.axis, 2 ** (settings.bits - 1) - 1, grid.shared)
    weight = stored(twin.simulated, twin.weight(layer))
    groups = group_count(node)
    scales = grid.scales(weight).reshape(groups, -1, 1)
    curvature = _curvature(node, weight.shape[2:], values, settings.rows)
    rows = weight.reshape(groups, weight.shape[0] // groups, -1)
    return compensate(rows, curvature, scales, grid.high, settings.damping).reshape(weight.shape)


def _curvature(layer: Node, taps: Sequence[int], values: Values, rows: int) -> torch.Tensor:
    """Return X X^T of each group over all samples, float64 [groups, K, K]."""
    source = layer.args[0]
    assert isinstance(source, Node)
    inputs = values[source]
    total = torch.zeros((), dtype=torch.float64)
    for value in inputs:
        seen = patches(layer, taps, value, max(1, rows // len(inputs)))
        total = total + (seen @ seen.transpose(1, 2)).double()
    return total
