"""Two traces of one student against each other: how far apart each layer is, and where it began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edgekit.verification.layers.layer import FUSED, Layer
from edgekit.verification.tensors import EXACT_DB, sqnr

Trace = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Rule:
    """When a layer is wrong.

    Attributes:
        fall_db: it loses at least this much against its inputs.
        below_db: and less than this is left.
    """

    fall_db: float
    below_db: float


# Against the float student: a layer that loses this much does something else than rounding, and
# with more than 30 dB left nothing is wrong that a decision could notice.
ROUNDING = Rule(12.0, 30.0)
# Weights of 7 bits round twice as coarsely, which takes 6 dB.
NARROW = Rule(12.0, 24.0)
# Against the Program that an artifact was built from, which rounds alike: less is left to chance.
DAMAGE = Rule(8.0, 25.0)
_LOST_DB = 10.0  # of logits: kernels that round a step otherwise leave more


@dataclass(frozen=True)
class Row:
    """One layer in both traces.

    Attributes:
        layer: which; an activation that is fused into the layer before it goes by that one's name.
        sqnr_db: power of the reference over that of the difference, decibels; 140 where they are
            equal, minus infinity where the other is not finite or has another size.
        fall_db: by how much that is less than in the worst of its inputs.
    """

    layer: Layer
    sqnr_db: float
    fall_db: float


def compare(layers: Sequence[Layer], reference: Trace, other: Trace) -> list[Row]:
    """Compare the layers that both traces hold, in graph order.

    Args:
        layers: of the float Program.
        reference: what is right, by layer, float32 [N, C, ...].
        other: what is looked at, in the same layout.
    """
    found: dict[str, float] = {}
    known = {layer.name: layer for layer in layers}
    inputs = {layer.name: layer.inputs for layer in layers}
    rows = []
    for layer in layers:
        if layer.name not in reference or layer.name not in other:
            continue
        ratio = sqnr(reference[layer.name], other[layer.name])
        before = [found[name] for name in _nearest(layer.inputs, inputs, found)]
        fall = max(0.0, min(before, default=EXACT_DB) - ratio)
        rows.append(Row(_whole(layer, known, found), ratio, fall))
        found[layer.name] = ratio
    return rows


def _whole(layer: Layer, known: Mapping[str, Layer], found: Mapping[str, float]) -> Layer:
    """Name a fused activation after the layer that it is fused into, which is in no trace."""
    if layer.group not in FUSED or len(layer.inputs) != 1 or layer.inputs[0] in found:
        return layer
    ahead = known[layer.inputs[0]]
    return replace(layer, module=ahead.module, group=ahead.group)


def first_wrong(rows: Sequence[Row], rule: Rule = ROUNDING) -> Row | None:
    """Return the first layer that is wrong while what it reads is right; None if none is.

    Rounding wears a signal down layer by layer; damage makes it fall at once.
    """
    found = (row for row in rows if row.fall_db >= rule.fall_db and row.sqnr_db < rule.below_db)
    return next(found, None)


def first_other_kernel(rows: Sequence[Row]) -> Row | None:
    """Return the first operator that fast kernels compute otherwise than plain ones; None if none.

    Args:
        rows: the plain kernels' tensors as what is right, in the order of the file.
    """
    if not rows or rows[-1].sqnr_db >= DAMAGE.below_db:  # nothing of it arrives at the logits
        return None
    found = first_wrong(rows, DAMAGE)
    if found is None and rows[-1].sqnr_db < _LOST_DB:  # worn down by many, more than rounding does
        return max(rows, key=lambda row: row.fall_db)
    return found


def _nearest(
    names: Sequence[str], inputs: Mapping[str, Sequence[str]], known: Mapping[str, float]
) -> list[str]:
    """Go back to the layers that were compared: a fused one is in no trace."""
    found: list[str] = []
    for name in names:
        found += [name] if name in known else _nearest(inputs.get(name, ()), inputs, known)
    return found
