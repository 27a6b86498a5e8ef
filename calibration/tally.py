"""Add up what the probes saw, sample by sample, so that neither order nor split shows.

Smallest and largest values commute, counts are whole numbers in bins whose widths are powers of two
(`calibration/histogram.py`), and sums are exact (`calibration/exact_sum.py`).
"""

import numpy as np
import torch
from numpy.typing import NDArray

from edgekit.calibration.bins import Bins
from edgekit.calibration.exact_sum import ExactSum
from edgekit.calibration.histogram import BINS, exponents_of, merged_bins
from edgekit.calibration.probes import Probe
from edgekit.calibration.watch import Scratch

AT_ONCE = 8


class Tally:
    """Running figures of all probes; one worker's tally merges into another's.

    Attributes:
        samples: how many were added.
        lows: smallest value per segment, float32 [segments].
        highs: largest value per segment, float32 [segments].
        early: smallest and largest value per probe without the last quarter of the samples,
            float32 [2, probes]; see `calibration/coverage.py`.
        sums: per segment.
        varies: whether any sample showed two different values in one segment, bool [probes].
        exponents: of the histograms, int64 [counted probes].
        counts: int64 [counted probes, 2048].
    """

    def __init__(self, probes: list[Probe]) -> None:
        segments = sum(probe.segments for probe in probes)
        counted = sum(probe.counted for probe in probes)
        self.samples = 0
        self.lows, self.highs = _nothing(segments)
        self.early = _nothing(len(probes))
        self.sums = ExactSum(segments)
        self.varies = np.zeros(len(probes), dtype=np.bool_)
        self.exponents = exponents_of(np.zeros(counted))
        self.counts = np.zeros((counted, BINS), dtype=np.int64)

    def add(
        self,
        lows: NDArray[np.float32],
        highs: NDArray[np.float32],
        sums: NDArray[np.float32],
    ) -> None:
        """Take one sample's figures per segment; all finite."""
        self.samples += 1
        np.minimum(self.lows, lows, out=self.lows)
        np.maximum(self.highs, highs, out=self.highs)
        self.sums.add(sums)

    def merge(self, other: "Tally") -> None:
        """Add what another worker saw through the same probes."""
        self.samples += other.samples
        np.minimum(self.lows, other.lows, out=self.lows)
        np.maximum(self.highs, other.highs, out=self.highs)
        self.widen_early(*other.early)
        self.varies |= other.varies
        self.sums.merge(other.sums)
        self.grow(other.exponents)
        for mine, counts, behind in zip(
            self.counts, other.counts, self.exponents - other.exponents, strict=True
        ):
            mine += merged_bins(counts, int(behind))

    def widen_early(self, lows: NDArray[np.float32], highs: NDArray[np.float32]) -> None:
        """Take extremes per probe into the ranges without the last quarter."""
        np.minimum(self.early[0], lows, out=self.early[0])
        np.maximum(self.early[1], highs, out=self.early[1])

    def grow(self, exponents: NDArray[np.int64]) -> None:
        """Make room in the histograms."""
        for row in np.flatnonzero(exponents > self.exponents):
            times = int(exponents[row] - self.exponents[row])
            self.counts[row] = merged_bins(self.counts[row], times)
        self.exponents = np.maximum(self.exponents, exponents)


def _nothing(size: int) -> NDArray[np.float32]:
    """Return the extremes of no value at all, float32 [2, size]."""
    return np.repeat(np.array([[np.inf], [-np.inf]], dtype=np.float32), size, axis=1)


class Counter:
    """Moves the Scratch of one sample after the other into a Tally."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        self._tally = Tally(scratch.probes)
        self._starts = np.cumsum([0, *(probe.segments for probe in scratch.probes)])[:-1]
        self._counted = np.array([probe.counted for probe in scratch.probes], dtype=np.bool_)
        self._bins = Bins([probe.positions for probe in scratch.probes if probe.counted])
        # Counting several samples at a time finds its tables in the processor's cache.
        self._waiting: list[torch.Tensor] = []
        self._largest = np.zeros(self._bins.rows, dtype=np.float32)

    def take(self, early: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Add the sample that the Scratch holds.

        Args:
            early: the sample is not of the last quarter.

        Returns:
            the sample's smallest and largest value of each probe, [probes]; where one of them is
            not finite, nothing was added.
        """
        lows, highs = self.scratch.lows.numpy(), self.scratch.highs.numpy()
        sums = self.scratch.sums.numpy()
        low = np.minimum.reduceat(lows, self._starts)
        high = np.maximum.reduceat(highs, self._starts)
        if not (np.isfinite(low).all() and np.isfinite(high).all() and np.isfinite(sums).all()):
            high[~np.isfinite(np.add.reduceat(sums, self._starts))] = np.inf
            return low, high
        self._tally.add(lows, highs, sums)
        self._tally.varies |= np.logical_or.reduceat(lows < highs, self._starts)
        if early:
            self._tally.widen_early(low, high)
        largest = np.maximum(np.abs(low), np.abs(high))[self._counted]
        np.maximum(self._largest, largest, out=self._largest)
        self._waiting.append(self.scratch.values.clone())
        if len(self._waiting) == AT_ONCE:
            self._count()
        return low, high

    def tally(self) -> Tally:
        """Return what was added so far."""
        self._count()
        return self._tally

    def _count(self) -> None:
        self._tally.grow(exponents_of(self._largest))
        for values in self._waiting:
            self._bins.count(values, self._tally.exponents, self._tally.counts)
        self._waiting.clear()
