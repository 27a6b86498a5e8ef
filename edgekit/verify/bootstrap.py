"""Paired bootstrap: how much a difference between two models moves when the images are redrawn.

Efron & Tibshirani 1993, "An Introduction to the Bootstrap": images are drawn with replacement
inside their stratum, and reference and artifact are measured on the same draw, so that what both
get wrong cancels out. It cannot see what no image shows; the exact interval of the flips bounds
that.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from edgekit.verify.metrics import METRICS, Cases, Floats
from edgekit.verify.metrics.cases import Flags

# Elements of one block of weights, 2 bytes each: the images are ranked once for every block.
_BLOCK = 1 << 25
# A stratum of n images understates its variance by 1/n, so that smaller slices are pooled.
_SMALLEST_STRATUM = 20


def strata(positives: Flags, slices: Sequence[str]) -> NDArray[np.intp]:
    """Number the strata: class and slice, a class's slices of fewer than 20 images pooled.

    Args:
        positives: bool [N].
        slices: N slice names.

    Returns:
        intp [N], 0..S-1.
    """
    names = np.asarray(slices, dtype=np.str_)
    keys = np.unique(names, return_inverse=True)[1].reshape(-1) * 2 + positives
    _, member, counts = np.unique(keys, return_inverse=True, return_counts=True)
    small = counts[member] < _SMALLEST_STRATUM
    pooled = np.where(small, positives.astype(np.intp) - 2, keys)
    return np.asarray(np.unique(pooled, return_inverse=True)[1].reshape(-1))


def bootstrap_weights(
    sizes: Sequence[int], resamples: int, seed: int
) -> Iterator[NDArray[np.uint16]]:
    """Draw stratified resamples, a block at a time, so that memory does not grow with them.

    Args:
        sizes: images in each stratum; the images must be ordered by stratum.
        resamples: how many in all.
        seed: the same seed and sizes give the same draws.

    Yields:
        uint16 [R, sum(sizes)]: how often each image was drawn.
    """
    rng = np.random.default_rng(seed)
    total = sum(sizes)
    rows = max(1, _BLOCK // total)
    for start in range(0, resamples, rows):
        weights = np.empty((min(rows, resamples - start), total), dtype=np.uint16)
        for row in range(0, len(weights), max(1, rows // 64)):
            _draw(rng, sizes, weights[row : row + max(1, rows // 64)])
        yield weights


def _draw(rng: np.random.Generator, sizes: Sequence[int], rows: NDArray[np.uint16]) -> None:
    """Fill a few resamples: as many draws with replacement from a stratum as it has images."""
    first, count = 0, len(rows)
    for size in sizes:
        drawn = rng.integers(0, size, (count, size))
        drawn += np.arange(count)[:, None] * size
        counts = np.bincount(drawn.reshape(-1), minlength=count * size)
        rows[:, first : first + size] = counts.reshape(count, size)
        first += size


def paired_deltas(
    names: Sequence[str],
    pair: tuple[Cases, Cases],
    groups: NDArray[np.intp],
    resamples: int,
    seed: int,
) -> dict[str, Floats]:
    """Resample the difference artifact - reference of several metrics.

    Args:
        names: metrics out of `METRICS`.
        pair: reference and artifact on the same N images.
        groups: stratum of each image, intp [N], as `strata` returns it.
        resamples: how many.
        seed: of the draws.

    Returns:
        float64 [resamples] for each name.
    """
    order = np.argsort(groups, kind="stable")
    reference, artifact = (model.at(order) for model in pair)
    found: dict[str, list[Floats]] = {name: [] for name in names}
    for weights in bootstrap_weights(np.bincount(groups).tolist(), resamples, seed):
        for name in names:
            measure = METRICS[name].measure
            found[name].append(measure(artifact, weights) - measure(reference, weights))
    return {name: np.concatenate(blocks) for name, blocks in found.items()}
