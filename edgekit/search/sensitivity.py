"""Which layers lose the most when they run in integers."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch.export import ExportedProgram
from torch.fx import Graph, Interpreter, Node

from edgekit.calibration.corrections.samples import Sample
from edgekit.calibration.layers import layer_name
from edgekit.calibration.operators import HEAVY, group_of
from edgekit.calibration.program import unlift

# A layer's own name and how many of that name came before it: a weight may be read twice. Names of
# nodes would not do, since a rewrite that adds or takes some numbers all that follow anew.
Layer = tuple[str, int]


class _Keeper(Interpreter):
    """Keeps what heavy layers give, and gives what it is told to in their place."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__(unlift(program))
        self.layers = _layers(self.graph)
        self.kept: dict[Layer, torch.Tensor] = {}
        self.given: dict[Layer, torch.Tensor] = {}

    def run_node(self, n: Node) -> object:
        result = super().run_node(n)
        if n not in self.layers:
            return result
        layer = self.layers[n]
        self.kept[layer] = result
        # A copy each time: what comes next may work in place.
        return self.given.get(layer, result).clone()


def _layers(graph: Graph) -> dict[Node, Layer]:
    """Name the heavy layers of a graph."""
    seen: Counter[str] = Counter()
    found = {}
    for node in graph.nodes:
        if group_of(node) in HEAVY:
            name = layer_name(node)
            found[node] = (name, seen[name])
            seen[name] += 1
    return found


def sensitive_layers(
    program: ExportedProgram,
    quantized: ExportedProgram,
    samples: Sequence[Sample],
) -> list[str]:
    """Order heavy layers by the noise that appears in them, the largest against its signal first.

    The noise that came with a layer's input is not its own: behind every layer the quantized
    Program goes on with what the float one gives there.

    Args:
        program: the float Program.
        quantized: the same with quantize/dequantize pairs.
        samples: a few calibration samples, one tensor per input.

    Returns:
        the names of the float Program's nodes; without layers that a rewrite replaced.
    """
    first, second = _Keeper(program), _Keeper(quantized)
    noise: dict[Layer, float] = {}
    with torch.inference_mode():
        for sample in samples:
            first.run(*sample)
            second.given = first.kept
            second.run(*sample)
            for layer in first.kept.keys() & second.kept.keys():
                lost = _ratio(first.kept[layer], second.kept[layer])
                noise[layer] = noise.get(layer, 0.0) + lost
    names = {layer: node.name for node, layer in first.layers.items()}
    return [names[layer] for layer in sorted(noise, key=lambda layer: -noise[layer])]


def _ratio(wanted: torch.Tensor, got: torch.Tensor) -> float:
    signal = float((wanted**2).mean())
    return float(((got - wanted) ** 2).mean()) / max(signal, 1e-30)
