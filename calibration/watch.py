"""Run the float Program and note what passes through it, at little more than its own cost.

Probes are put into the traced graph itself, so no interpreter stands between its operators. Each
writes into its place of flat arrays that are as long as all probes need together; what happens once
per sample is then a few operations over whole arrays.
"""

import math
from collections.abc import Callable
from operator import attrgetter

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram
from torch.fx import GraphModule

from edgekit.calibration.probes import Probe, plan
from edgekit.calibration.program import unlift

_ALIGNMENT = 64  # bytes, of torch's own memory
# Rows shorter than this are reduced faster as columns.
_SHORT = 64


class Scratch:
    """What the probes saw of the last sample.

    Attributes:
        probes: whose places follow each other in the arrays.
        lows: smallest value per segment, float32 [segments]; 0 where it is not measured.
        highs: largest value per segment, float32 [segments]; 0 where it is not measured.
        sums: sum per segment, float32 [segments]; 0 where it is not measured.
        values: the counted values, float32 [positions].
    """

    def __init__(self, probes: list[Probe]) -> None:
        self.probes = probes
        segments = sum(probe.segments for probe in probes)
        self.lows, self.highs, self.sums = (torch.zeros(segments) for _ in range(3))
        self.values = torch.zeros(sum(probe.positions for probe in probes))


class _Place:
    """One probe's part of the Scratch."""

    def __init__(self, probe: Probe, scratch: Scratch, segment: int, position: int) -> None:
        here = slice(segment, segment + probe.segments)
        shape = () if probe.axis is None else (probe.segments,)
        self.low, self.high, self.sum = (
            part[here].view(shape) for part in (scratch.lows, scratch.highs, scratch.sums)
        )
        self.extremes, self.sums, self.dims = probe.extremes, probe.sums, probe.dims
        self.short = probe.axis == 1 and 1 < math.prod(probe.shape[2:]) < _SHORT
        self.size, self.stride = (probe.positions,), (probe.stride,)
        self.values = scratch.values[position : position + probe.positions]

    def note(self, tensor: torch.Tensor) -> None:
        """Write down what passes."""
        if self.size[0]:
            # A copy only where values do not lie densely: parts of a larger tensor.
            flat = tensor.contiguous()
            self.values.copy_(torch.as_strided(flat, self.size, self.stride, flat.storage_offset()))
        if self.sums:
            torch.sum(tensor, self.dims, out=self.sum)
        if self.extremes:
            dims = self.dims
            if self.short:
                tensor, dims = tensor.flatten(2)[0].t().contiguous(), (0,)
            torch.amin(tensor, dims, out=self.low)
            torch.amax(tensor, dims, out=self.high)


class Watched:
    """The float Program with probes in it.

    Attributes:
        probes: all watched tensors, in the order they are computed.
        scratch: what the last sample left; only of the probes that measure something.
    """

    def __init__(self, program: ExportedProgram) -> None:
        self._module = unlift(program)
        self.probes = plan(self._module.graph)
        self.scratch = Scratch([probe for probe in self.probes if probe.extremes or probe.sums])
        self._insert()
        _flatten(self._module)
        self._module.recompile()

    def _insert(self) -> None:
        graph = self._module.graph
        nodes = {node.name: node for node in graph.nodes}
        segment = position = 0
        for probe in self.scratch.probes:
            place = _Place(probe, self.scratch, segment, position)
            with graph.inserting_after(nodes[probe.name]):
                graph.call_function(_function(place, probe.name), (nodes[probe.name],))
            segment, position = segment + probe.segments, position + probe.positions

    def see(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        """Run one sample; float32 arrays with batch 1."""
        self._module(*(_aligned(torch.from_numpy(array)) for array in arrays))


def _function(place: _Place, name: str) -> Callable[[torch.Tensor], None]:
    """Make a function of a place's method; the graph's code calls functions by their names."""

    def note(tensor: torch.Tensor) -> None:
        place.note(tensor)

    note.__name__ = note.__qualname__ = f"note_{name}"
    return note


def _flatten(module: GraphModule) -> None:
    """Give the graph its weights at once, not through modules inside modules, and none unused.

    The detour costs a small network a tenth of its time.
    """
    for index, node in enumerate(module.graph.find_nodes(op="get_attr")):
        if not node.users:
            module.graph.erase_node(node)
            continue
        value = attrgetter(node.target)(module)
        if isinstance(value, torch.Tensor):
            node.target = f"_weight_{index}"
            setattr(module, node.target, _aligned(value.detach()))


def _aligned(tensor: torch.Tensor) -> torch.Tensor:
    """Move a tensor to where torch itself would have put it: kernels may round by alignment."""
    return tensor.clone() if tensor.data_ptr() % _ALIGNMENT else tensor
