"""What was measured of a bundle itself, brought together with what the verdict rests on."""

from collections.abc import Sequence

import numpy as np

from edgekit.devices.device import RunnerResult
from edgekit.performance.take import Measured
from edgekit.results.timing import Samples
from edgekit.settings import Json


def samples_of(measured: Measured) -> Samples:
    """Return what each process showed."""
    return Samples(
        latency_ms=tuple(pair.own_ms for pair in measured.pairs),
        peak_mem_bytes=tuple(launch.peak_mem_bytes for launch in measured.launches),
        other_peak_mem_bytes=tuple(launch.peak_mem_bytes for launch in measured.others),
    )


def environment_of(results: Sequence[RunnerResult]) -> Json:
    """Return the machine as the first process saw it, and its load at the end of the last."""
    after = results[-1].timing.get("load_average_after")
    return {**results[0].timing.get("environment", {}), "load_average_after": after}


def median_of(values: Sequence[float]) -> float:
    """Return the median as a plain number."""
    return float(np.median(values))
