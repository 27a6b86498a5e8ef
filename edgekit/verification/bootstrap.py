"""Paired bootstrap: how much a difference between two models moves when the images are redrawn.

Efron & Tibshirani 1993, "An Introduction to the Bootstrap": images are drawn with replacement
inside their stratum, and reference and artifact are measured on the same draw, so that what both
get wrong cancels out. It cannot see what no image shows; the exact interval of the flips bounds
that.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from edgekit.metrics import METRICS, Cases, Counts, Flags, Floats, Resamples

# Counts of one block: what is made of them, some 40 bytes each, fits a processor's cache.
_BLOCK = 1 << 17
# A stratum of n images understates its variance by 1/n, so that smaller slices are pooled.
_SMALLEST_STRATUM = 20
_LARGE = 4096


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


def group_strata(
    positives: Flags, slices: Sequence[str], groups: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Number the strata of groups: those of one class and slice, and those that hold both classes.

    Slices of fewer than 20 groups are pooled. Where few groups hold one class alone beside others
    that hold both, all groups are one stratum.

    Args:
        positives: bool [N].
        slices: N slice names.
        groups: number of each image's group, intp [N], 0..G-1.

    Returns:
        intp [G], 0..S-1.
    """
    size = np.bincount(groups)
    share = np.bincount(groups, positives) / size
    first = np.unique(groups, return_index=True)[1]
    kinds = np.unique(np.asarray(slices, dtype=np.str_), return_inverse=True)[1].reshape(-1)
    one = np.bincount(groups, kinds != kinds[first][groups]) == 0
    named = [str(kind) if same else "" for kind, same in zip(kinds[first], one, strict=True)]
    mixed = (share > 0) & (share < 1)
    alone = np.bincount((share[~mixed] > 0.5).astype(np.intp), minlength=2)
    if mixed.any() and ((alone > 0) & (alone < _SMALLEST_STRATUM)).any():
        return np.zeros(len(size), dtype=np.intp)
    found = strata(share > 0.5, named)
    return np.asarray(np.unique(np.where(mixed, -1, found), return_inverse=True)[1].reshape(-1))


def bootstrap_counts(
    sizes: Sequence[int], resamples: int, seed: int, width: int | None = None
) -> Iterator[Counts]:
    """Draw stratified resamples, a block at a time, so that memory does not grow with them.

    Args:
        sizes: images in each stratum; the images must be ordered by stratum.
        resamples: how many in all.
        seed: the same seed and sizes give the same draws.
        width: images that a row stands for, where that is more than it has counts.

    Yields:
        integers [R, sum(sizes)]: how often each image was drawn.
    """
    rng = np.random.default_rng(seed)
    rows = max(1, _BLOCK // (width or sum(sizes)))
    for start in range(0, resamples, rows):
        yield _draw(rng, sizes, min(rows, resamples - start))


def _draw(rng: np.random.Generator, sizes: Sequence[int], rows: int) -> Counts:
    """Draw a few resamples: as many with replacement from a stratum as it has images."""
    counts = np.empty((rows, sum(sizes)), dtype=np.uint8)
    first = 0
    for size in sizes:
        for row in counts[:, first : first + size]:
            row[:] = _few(rng, size) if size < _LARGE else _many(rng, size)
        first += size
    return counts


def _few(rng: np.random.Generator, size: int) -> Counts:
    return np.bincount(rng.integers(0, size, size), minlength=size)


def _many(rng: np.random.Generator, size: int) -> Counts:
    """Count draws of a large stratum in a third of the time.

    Independent Poisson counts are, given their sum, the counts of that many draws; the draws that
    are then missing are made one by one. A table of 65,536 places holds the Poisson distribution.
    """
    rate = 1.0 - 5.0 / math.sqrt(size)  # with more than `size` draws once in a million times
    while True:
        raw = rng.bit_generator.random_raw(-(-size // 4)).view(np.uint16)[:size]
        counts = _poisson_table(rate).take(raw)
        missing = size - int(counts.sum())
        if missing >= 0:
            np.add.at(counts, rng.integers(0, size, missing), np.uint8(1))
            return counts


@cache
def _poisson_table(rate: float) -> Counts:
    levels = (np.arange(1 << 16) + 0.5) / (1 << 16)
    return poisson.ppf(levels, rate).astype(np.uint8)


def paired_deltas(
    names: Sequence[str],
    both: tuple[Cases, Cases],
    strata_of: NDArray[np.intp],
    resamples: int,
    seed: int,
    groups: NDArray[np.intp] | None = None,
) -> dict[str, Floats]:
    """Resample the difference artifact - reference of several metrics.

    Args:
        names: metrics out of `METRICS`.
        both: reference and artifact on the same N images.
        strata_of: stratum of each image, intp [N], as `strata` returns it; of each group, [G], as
            `group_strata` does, where there are some.
        resamples: how many.
        seed: of the draws.
        groups: number of each image's group, intp [N]: whole groups are drawn.

    Returns:
        float64 [resamples] for each name.
    """
    order = np.argsort(strata_of, kind="stable")
    if groups is None:
        reference, artifact = (model.at(order) for model in both)
        column = None
    else:
        (reference, artifact), column = both, np.argsort(order)[groups]
    sizes, images = np.bincount(strata_of).tolist(), len(reference.scores)
    found: dict[str, list[Floats]] = {name: [] for name in names}
    for drawn in bootstrap_counts(sizes, resamples, seed, images):
        counts = drawn if column is None else np.take(drawn, column, axis=1)
        before, after = Resamples(reference, counts), Resamples(artifact, counts)
        for name in names:
            measure = METRICS[name].measure
            found[name].append(measure(after) - measure(before))
    return {name: np.concatenate(blocks) for name, blocks in found.items()}
