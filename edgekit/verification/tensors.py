"""How far an artifact's logits are from the reference's: explains a verdict, does not decide it."""

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.results.verification import TensorError

EXACT_DB = 140.0  # float32's own rounding; equal tensors have no noise at all


def tensor_error(reference: NDArray[np.floating], artifact: NDArray[np.floating]) -> TensorError:
    """Compare two arrays of logits.

    Args:
        reference: the float model's, any shape.
        artifact: the artifact's, same shape.

    Returns:
        three measures of one distance; see `TensorError`.

    Raises:
        InputError: when the shapes differ or the arrays are empty.
    """
    if reference.shape != artifact.shape or reference.size == 0:
        raise InputError(
            f"artifact's output has shape {artifact.shape}, the reference's {reference.shape}",
            "Compare the outputs of the same images",
        )
    signal, other = (np.asarray(a, dtype=np.float64).reshape(-1) for a in (reference, artifact))
    if not (np.isfinite(signal).all() and np.isfinite(other).all()):
        return TensorError(max_abs=None, cosine=None, sqnr_db=None)
    noise = other - signal
    return TensorError(
        max_abs=float(np.abs(noise).max()),
        cosine=_cosine(signal, other),
        sqnr_db=_decibels(float(signal @ signal), float(noise @ noise)),
    )


def sqnr(reference: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the reference's power over that of the difference, decibels.

    140 where both are equal, minus infinity where the other is not finite or has another shape.
    """
    if reference.shape != other.shape or not np.isfinite(other).all():
        return -math.inf
    signal = float(np.mean(np.square(reference, dtype=np.float64)))
    noise = float(np.mean(np.square(np.subtract(other, reference, dtype=np.float64))))
    if noise == 0:
        return EXACT_DB
    return min(EXACT_DB, 10 * math.log10(max(signal, 1e-30) / noise))


def _cosine(left: NDArray[np.float64], right: NDArray[np.float64]) -> float | None:
    """Cosine of the angle; None where one of two different vectors is zero."""
    if np.array_equal(left, right):
        return 1.0
    lengths = float(np.linalg.norm(left)) * float(np.linalg.norm(right))
    return min(1.0, max(-1.0, float(left @ right) / lengths)) if lengths > 0 else None


def _decibels(signal: float, noise: float) -> float | None:
    return 10.0 * math.log10(signal / noise) if signal > 0 and noise > 0 else None
