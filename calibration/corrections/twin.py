"""A float Program beside its quantized copy: the reference, and what is to come near it.

The copy is simulated: float weights stay in it and are rounded on the way, with
`torch.fake_quantize_*` in the place of quantize/dequantize pairs. That is several times faster,
lets gradients pass (straight through, Bengio et al. 2013), and lets a correction change a weight
or a bias and see at once what follows. What comes out is a corrected float Program: pairs placed
in it as before give the corrected integers, for every scheme and in both forms of weights.
"""

from collections import Counter
from dataclasses import dataclass

from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.constants import (
    bias_of,
    is_free,
    layers,
    store,
    store_bias,
    stored,
)
from edgekit.calibration.corrections.samples import Samples
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.simulate import (
    Grid,
    free_weight,
    grid_of,
    has_pairs,
    simulate_pairs,
    weight_name,
    weight_value,
)
from edgekit.calibration.program import relift, unlift
from edgekit.errors import InputError


@dataclass(frozen=True)
class Layer:
    """A convolution or linear in both graphs.

    Attributes:
        reference: in the float graph.
        simulated: in the other.
        grid: what its weight is rounded to; None for a float weight.
    """

    reference: Node
    simulated: Node
    grid: Grid | None


@dataclass(frozen=True)
class Twin:
    """What a correction of the quantized Program works on.

    Attributes:
        reference: the float graph as it was; never changed.
        simulated: the quantized graph; edited in place.
        layers: the layers that may be corrected, in graph order.
        rounds: anything is rounded at all.
        samples: to look at.
        settings: how far to go.
    """

    reference: GraphModule
    simulated: GraphModule
    layers: list[Layer]
    rounds: bool
    samples: Samples
    settings: CorrectionSettings

    def weight(self, layer: Layer) -> Node:
        """Return the float weight of a layer in the simulated graph."""
        source = layer.simulated.args[1]
        assert isinstance(source, Node)
        found = source if layer.grid is None else source.args[0]
        assert isinstance(found, Node)
        return found

    def corrected(self, program: ExportedProgram) -> ExportedProgram:
        """Return the float Program with the simulated graph's weights and biases."""
        graph = unlift(program)
        places = {weight_name(node): node for node in layers(graph)}
        for layer in self.layers:
            node = places[weight_name(layer.reference)]
            store(graph, node.args[1], stored(self.simulated, self.weight(layer)))
            bias = bias_of(layer.simulated)
            if bias is not None:
                store_bias(graph, node, stored(self.simulated, bias))
        assert program.example_inputs is not None
        return relift(graph, program.example_inputs[0])


def make_twin(
    program: ExportedProgram,
    quantized: ExportedProgram,
    samples: Samples,
    settings: CorrectionSettings,
) -> Twin:
    """Put a float Program beside its quantized copy.

    Args:
        program: the float Program.
        quantized: what `quantize` made of it, with weights in either form.
        samples: to look at.
        settings: how far to go.

    Raises:
        InputError: when the two do not belong together.
    """
    reference, simulated = unlift(program), unlift(quantized)
    rounds = has_pairs(simulated)
    found = _matched(reference, simulated)
    if not found and not _share_weights(reference, simulated):
        raise InputError(
            "the quantized program has none of the float program's weights",
            "Quantize the float program that is given beside it",
        )
    for layer in found:
        if layer.grid is not None:
            weight = stored(reference, layer.reference.args[1])
            free_weight(simulated, layer.simulated, layer.grid, weight)
    simulate_pairs(simulated)
    return Twin(reference, simulated, found, rounds, samples, settings)


def _matched(reference: GraphModule, simulated: GraphModule) -> list[Layer]:
    """Find the layers that both graphs have with the same weight, alone under its name.

    Rewrites for a runtime split some layers and put the channels of others into another order;
    what they touch is left as it is.
    """
    names = Counter(weight_name(node) for node in layers(simulated))
    twins = {weight_name(node): node for node in layers(simulated) if names[weight_name(node)] == 1}
    pairs = [(node, twins.get(weight_name(node))) for node in layers(reference)]
    known = [(node, twin) for node, twin in pairs if twin is not None and is_free(reference, node)]
    return [
        Layer(node, twin, grid_of(simulated, twin))
        for node, twin in known
        if _same_weight(reference, node, simulated, twin)
    ]


def _share_weights(reference: GraphModule, simulated: GraphModule) -> bool:
    """Tell whether two graphs can be of one network: nothing to share, or something shared."""
    ours, others = ({weight_name(node) for node in layers(g)} for g in (reference, simulated))
    return not ours or bool(ours & others - {""})


def _same_weight(reference: GraphModule, node: Node, simulated: GraphModule, twin: Node) -> bool:
    weight, value = stored(reference, node.args[1]), weight_value(simulated, twin)
    grid = grid_of(simulated, twin)
    expected = weight if grid is None else grid.round(weight)
    if value is None or value.shape != expected.shape:
        return False
    # One weight at a tie may be rounded to the other side.
    return float((value - expected).norm()) <= 0.02 * float(expected.norm())
