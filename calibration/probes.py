"""Which tensors of the float Program are watched, and what is measured of each.

A tensor that shows another's values in another shape, or clamped as ReLU and ReLU6 do, gets its
histogram from that one's: clamping a histogram is exact. A tensor that a convolution or a linear
operator reads or gives has statistics per channel as well.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch.fx import Graph, Node

from edgekit.calibration.operators import group_of
from edgekit.calibration.places import module_path

# Values counted of one tensor and sample. All positions of small tensors are counted; of larger
# ones a fixed subset, as evenly spread as it can be.
POSITIONS = 2048
Limits = tuple[float, float]
UNLIMITED: Limits = (-math.inf, math.inf)

aten = torch.ops.aten
# The result has its first argument's values, all of them and equally often.
_RESHAPES = (
    aten.alias.default,
    aten.contiguous.default,
    aten.detach.default,
    aten.expand.default,
    aten.flatten.using_ints,
    aten.permute.default,
    aten.reshape.default,
    aten.squeeze.default,
    aten.squeeze.dim,
    aten.squeeze.dims,
    aten.transpose.int,
    aten.unsqueeze.default,
    aten.view.default,
)
_RELUS: dict[object, Limits] = {
    aten.relu.default: (0.0, math.inf),
    aten.relu_.default: (0.0, math.inf),
    aten.relu6.default: (0.0, 6.0),
    aten.relu6_.default: (0.0, 6.0),
}
_CLAMPS = (
    aten.clamp.default,
    aten.clamp_.default,
    aten.hardtanh.default,
    aten.hardtanh_.default,
)


@dataclass(frozen=True)
class Probe:
    """One watched tensor.

    Attributes:
        name: of its node.
        shape: static, as traced.
        axis: where its channels lie; None when it has no statistics per channel.
        source: the tensor whose histogram it shares; its own name when it has one itself.
        limits: what the source's values are clamped to.
        extremes: its smallest and largest values are measured, not taken from the source.
        sums: the sums of its channels are measured, not taken from the source.
        layer: the module that it comes from, as the model names it; "" when none is known.
    """

    name: str
    shape: tuple[int, ...]
    axis: int | None
    source: str
    limits: Limits = UNLIMITED
    extremes: bool = True
    sums: bool = False
    layer: str = ""

    @property
    def counted(self) -> bool:
        """Whether it has a histogram of its own."""
        return self.source == self.name

    @property
    def segments(self) -> int:
        """How many lows, highs and sums are kept."""
        return 1 if self.axis is None else self.shape[self.axis]

    @property
    def dims(self) -> tuple[int, ...]:
        """The axes that statistics run over."""
        return tuple(dim for dim in range(len(self.shape)) if dim != self.axis)

    @property
    def stride(self) -> int:
        """Distance between counted positions of the flattened tensor.

        It shares no factor with the last two axes, so that every row and column is met.
        """
        step = math.ceil(math.prod(self.shape) / POSITIONS)
        grid = math.prod(self.shape[-2:])
        while math.gcd(step, grid) > 1:
            step += 1
        return step

    @property
    def positions(self) -> int:
        """How many values are counted; none when another's histogram serves."""
        return math.ceil(math.prod(self.shape) / self.stride) if self.counted else 0


def plan(graph: Graph) -> list[Probe]:
    """List the float32 tensors of a Program's unlifted graph, in the order they are computed."""
    probes: dict[Node, Probe] = {}
    for node in graph.nodes:
        shape = _shape(node)
        if shape is not None:
            probes[node] = _probe(node, shape, probes)
    return list(probes.values())


def _probe(node: Node, shape: tuple[int, ...], probes: dict[Node, Probe]) -> Probe:
    axis = _axis(node, len(shape))
    whole = Probe(node.name, shape, axis, node.name, sums=axis is not None, layer=module_path(node))
    origin = node.args[0] if node.args else None
    limits = _limits(node)
    if limits is None or not isinstance(origin, Node) or origin not in probes:
        return whole
    low, high = (min(max(end, limits[0]), limits[1]) for end in probes[origin].limits)
    source = next(probe for probe in probes.values() if probe.name == probes[origin].source)
    alike = (shape, axis) == (source.shape, source.axis)
    return replace(
        whole,
        source=source.name,
        limits=(low, high),
        extremes=axis is not None and not alike,
        sums=axis is not None and not (alike and (low, high) == UNLIMITED),
    )


def _shape(node: Node) -> tuple[int, ...] | None:
    """Return a float32 activation's shape; None for anything else."""
    value = node.meta.get("val")
    if node.op not in ("placeholder", "call_function") or not isinstance(value, torch.Tensor):
        return None
    if value.dtype != torch.float32 or not value.numel():
        return None
    return tuple(int(size) for size in value.shape)


def _limits(node: Node) -> Limits | None:
    """Return what an operator clamps its first argument to; None when it does anything else."""
    if node.target in _RESHAPES:
        return UNLIMITED
    if node.target == aten.dropout.default:
        return UNLIMITED if node.args[2] is False else None
    if node.target in _RELUS:
        return _RELUS[node.target]
    if node.target in _CLAMPS and not node.kwargs:
        return _clamp(node)
    return None


def _clamp(node: Node) -> Limits | None:
    absent = (-1.0, 1.0) if "hardtanh" in str(node.target) else UNLIMITED
    given: list[object] = [*node.args[1:], None, None]
    low, high = (absent[place] if given[place] is None else given[place] for place in (0, 1))
    if isinstance(low, int | float) and isinstance(high, int | float):
        return float(low), float(high)
    return None


def _axis(node: Node, rank: int) -> int | None:
    """Find where channels lie, by what gives the tensor or reads it; images count as read."""
    if rank < 2:
        return None
    if node.op == "placeholder" and rank == 4:
        return 1
    readers = [user for user in node.users if user.args and user.args[0] is node]
    groups = [group_of(other) for other in (node, *readers)]
    found = next((group for group in groups if group in ("convolution", "linear")), None)
    return None if found is None else 1 if found == "convolution" else rank - 1
