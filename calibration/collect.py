"""From a Tally to Ranges: measured figures, and those that follow from another tensor's."""

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.calibration.channels import Channels
from edgekit.calibration.histogram import Histogram
from edgekit.calibration.probes import UNLIMITED, Probe
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.tally import Tally


class _Collection:
    """Looks up the figures of the measured probes."""

    def __init__(self, measured: list[Probe], tally: Tally) -> None:
        self.tally = tally
        self.totals = tally.sums.total()
        ends = np.cumsum([0, *(probe.segments for probe in measured)])
        self.segments = {
            probe.name: slice(start, end)
            for probe, start, end in zip(measured, ends[:-1], ends[1:], strict=True)
        }
        self.places = {probe.name: place for place, probe in enumerate(measured)}
        counted = [probe.name for probe in measured if probe.counted]
        self.histograms = {name: self._histogram(row, name) for row, name in enumerate(counted)}

    def _histogram(self, row: int, name: str) -> Histogram:
        here, tally = self.segments[name], self.tally
        low, high = float(tally.lows[here].min()), float(tally.highs[here].max())
        return Histogram(int(tally.exponents[row]), tally.counts[row], low, high)

    def histogram(self, probe: Probe) -> Histogram:
        """Return the probe's own histogram, or its source's, clamped."""
        source = self.histograms[probe.source]
        return source if probe.limits == UNLIMITED else source.clamped(*probe.limits)

    def early(self, probe: Probe) -> tuple[float, float]:
        """Return the extremes without the last quarter."""
        low, high = self.tally.early[:, self.places[probe.source]]
        first, last = probe.limits
        return min(max(float(low), first), last), min(max(float(high), first), last)

    def channels(self, probe: Probe) -> Channels:
        """Return the probe's statistics per channel."""
        here = self.segments[probe.name if probe.extremes else probe.source]
        low, high = (
            np.clip(part[here], *probe.limits) for part in (self.tally.lows, self.tally.highs)
        )
        return Channels(_float32(low), _float32(high), _float32(self._mean(probe)))

    def _mean(self, probe: Probe) -> NDArray[np.float64]:
        here = self.segments[probe.name if probe.sums else probe.source]
        count = self.tally.samples * math.prod(probe.shape) // probe.segments
        return np.asarray(self.totals[here] / count)


def _float32(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, dtype=np.float32)


def collect(probes: list[Probe], measured: list[Probe], tally: Tally, data_sha256: str) -> Ranges:
    """Bring a Tally into the form that schemes and corrections read.

    Args:
        probes: all watched tensors.
        measured: those of them that the Tally has places for.
        tally: of all samples.
        data_sha256: content hash of the samples.
    """
    found = _Collection(measured, tally)
    return Ranges(
        histograms={probe.name: found.histogram(probe) for probe in probes},
        samples=tally.samples,
        data_sha256=data_sha256,
        channels={probe.name: found.channels(probe) for probe in probes if probe.axis is not None},
        early={
            probe.name: found.early(probe)
            for probe in probes
            if probe.counted or probe.limits != UNLIMITED
        },
    )
