"""Which of several searched bundles is the fastest."""

from edgekit.record import Ci95, Record


class Fastest(Record):
    """Two searched bundles of one machine, timed against each other.

    Attributes:
        target: of the faster one; None where the interval holds 1.
        other: the target of the one that comes nearest.
        runtime: of the faster one.
        ratio: the faster one's latency over the other's.
        interval: 95% interval of the ratio.
    """

    target: str | None
    other: str
    runtime: str | None
    ratio: float
    interval: Ci95
