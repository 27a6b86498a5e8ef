"""Two traces of one student against each other: how far apart each layer is, and where it began."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.verify.layers.layer import Layer

Trace = Mapping[str, NDArray[np.float32]]
# A layer that loses this much against its inputs does something else than rounding.
_FALL_DB = 12.0
# Above this nothing is wrong that a decision could notice.
_FINE_DB = 30.0
_EXACT_DB = 140.0  # float32's own rounding; equal tensors have no noise at all


@dataclass(frozen=True)
class Row:
    """One layer in both traces.

    Attributes:
        layer: which.
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
    inputs = {layer.name: layer.inputs for layer in layers}
    rows = []
    for layer in layers:
        if layer.name not in reference or layer.name not in other:
            continue
        ratio = sqnr(reference[layer.name], other[layer.name])
        before = [found[name] for name in _nearest(layer.inputs, inputs, found)]
        rows.append(Row(layer, ratio, max(0.0, min(before, default=_EXACT_DB) - ratio)))
        found[layer.name] = ratio
    return rows


def first_wrong(rows: Sequence[Row]) -> Row | None:
    """Return the first layer that is wrong while what it reads is right; None if none is.

    Rounding wears a signal down layer by layer; damage makes it fall at once.
    """
    return next((row for row in rows if row.fall_db >= _FALL_DB and row.sqnr_db < _FINE_DB), None)


def sqnr(reference: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return signal over noise in decibels; see `Row`."""
    if reference.shape != other.shape or not np.isfinite(other).all():
        return -math.inf
    signal = float(np.mean(np.square(reference, dtype=np.float64)))
    noise = float(np.mean(np.square(np.subtract(other, reference, dtype=np.float64))))
    if noise == 0:
        return _EXACT_DB
    return min(_EXACT_DB, 10 * math.log10(max(signal, 1e-30) / noise))


def _nearest(
    names: Sequence[str], inputs: Mapping[str, Sequence[str]], known: Mapping[str, float]
) -> list[str]:
    """Go back to the layers that were compared: a fused one is in no trace."""
    found: list[str] = []
    for name in names:
        found += [name] if name in known else _nearest(inputs.get(name, ()), inputs, known)
    return found
