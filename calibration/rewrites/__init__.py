"""Graph rewrites: the same function in the form that a runtime executes fastest.

A new rewrite is one file here with `rewrite(graph) -> int`, one line in REWRITES, and its name in
the Targets whose runtime profits. Each one is exact but for the order of floating-point sums.
"""

from collections.abc import Callable, Iterable

from torch.export import ExportedProgram
from torch.fx import GraphModule

from edgekit.calibration.program import relift, unlift
from edgekit.calibration.rewrites import (
    attention,
    depthwise_multiplier,
    flat_tokens,
    large_depthwise,
    large_mean,
    patch_softmax,
)
from edgekit.errors import InputError

Rewrite = Callable[[GraphModule], int]

REWRITES: dict[str, Rewrite] = {
    "depthwise_multiplier": depthwise_multiplier.rewrite,
    "large_depthwise": large_depthwise.rewrite,
    "large_mean": large_mean.rewrite,
    "attention": attention.rewrite,
    "flat_tokens": flat_tokens.rewrite,
    "patch_softmax": patch_softmax.rewrite,
}


def rewrite_graph(graph: GraphModule, names: Iterable[str]) -> int:
    """Apply rewrites in the given order to an unlifted Program, in place.

    A tensor that is new in the graph and of another Program's range carries that in
    `meta["range"]`: the name of the tensor whose range holds for it.

    Returns:
        how many places changed.

    Raises:
        InputError: when a name is unknown.
    """
    changed = 0
    for name in names:
        if name not in REWRITES:
            raise InputError(f"unknown rewrite {name!r}", f"Use one of {', '.join(REWRITES)}")
        changed += REWRITES[name](graph)
    return changed


def rewritten(program: ExportedProgram, names: Iterable[str]) -> ExportedProgram:
    """Return the Program with rewrites applied; the same object when nothing changes."""
    graph = unlift(program)
    if not rewrite_graph(graph, names):
        return program
    assert program.example_inputs is not None
    return relift(graph, program.example_inputs[0])
