"""What metrics measure: one model's cases, drawn again and again.

Every metric has the same shape, so that a bootstrap resample is a row of counts (how often each
image was drawn) and costs no copy of the scores:

    resamples of N images, R rows -> float64 [R]

One row of ones gives the plain figure. A row that leaves a class without an image gives NaN where
the metric needs that class. Running sums are made once, however many metrics read them; they are
integers, whose sums a processor forms several times as fast as those of floats.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.metrics.cases import Cases, Floats

Counts = NDArray[np.integer[Any]]


class Resamples:
    """R resamples of one model's N cases.

    Attributes:
        cases: the model's.
        counts: how often each image was drawn, integers [R, N].
    """

    def __init__(self, cases: Cases, counts: Counts) -> None:
        self.cases = cases
        self.counts = counts

    @cached_property
    def upper(self) -> Counts:
        """Counts of the positives, highest score first, [R, P]."""
        return np.take(self.counts, self.cases.upper, axis=1)

    @cached_property
    def lower(self) -> Counts:
        """Counts of the others, highest score first, [R, M]."""
        return np.take(self.counts, self.cases.lower, axis=1)

    @cached_property
    def weights(self) -> Floats:
        """`upper` as float64."""
        return self.upper.astype(np.float64)

    @cached_property
    def hits(self) -> Counts:
        """Positives among the first 0, 1, ... P of `upper`, [R, P + 1]."""
        return _running(self.upper)

    @cached_property
    def alarms(self) -> Counts:
        """Others among the first 0, 1, ... M of `lower`, [R, M + 1]."""
        return _running(self.lower)

    @cached_property
    def alarms_level(self) -> Counts:
        """Others at or above each positive of `upper`, [R, P]."""
        return np.take(self.alarms, self.cases.level, axis=1)

    @property
    def positives(self) -> Counts:
        """Positives drawn, [R]."""
        return np.asarray(self.hits[:, -1])

    @property
    def others(self) -> Counts:
        """Others drawn, [R]."""
        return np.asarray(self.alarms[:, -1])

    @property
    def called(self) -> tuple[Counts, Counts]:
        """Positives and others that are called positive, [R] each."""
        upper, lower = self.cases.called
        return self.hits[:, upper], self.alarms[:, lower]


def _running(counts: Counts) -> Counts:
    found = np.zeros((len(counts), counts.shape[1] + 1), dtype=np.int32)
    np.cumsum(counts, axis=1, dtype=np.int32, out=found[:, 1:])
    return found


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    found = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=found, where=np.asarray(whole) > 0)
