"""Which layers lose the most when they run in integers."""

from collections.abc import Sequence

import torch
from torch.export import ExportedProgram
from torch.fx import Interpreter, Node

from edgekit.calibration.corrections.samples import Sample
from edgekit.calibration.operators import HEAVY, group_of
from edgekit.calibration.program import unlift


class _Keeper(Interpreter):
    """Keeps what heavy layers give, and gives what it is told to in their place."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__(unlift(program))
        self.kept: dict[str, torch.Tensor] = {}
        self.given: dict[str, torch.Tensor] = {}

    def run_node(self, n: Node) -> object:
        result = super().run_node(n)
        if group_of(n) not in HEAVY:
            return result
        self.kept[n.name] = result
        # A copy each time: what comes next may work in place.
        return self.given.get(n.name, result).clone()


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
    """
    first, second = _Keeper(program), _Keeper(quantized)
    noise: dict[str, float] = {}
    with torch.inference_mode():
        for sample in samples:
            first.run(*sample)
            second.given = first.kept
            second.run(*sample)
            for name in first.kept.keys() & second.kept.keys():
                noise[name] = noise.get(name, 0.0) + _ratio(first.kept[name], second.kept[name])
    return sorted(noise, key=lambda name: -noise[name])


def _ratio(wanted: torch.Tensor, got: torch.Tensor) -> float:
    signal = float((wanted**2).mean())
    return float(((got - wanted) ** 2).mean()) / max(signal, 1e-30)
