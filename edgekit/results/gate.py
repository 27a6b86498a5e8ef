"""A bundle against a reviewed baseline."""

from typing import ClassVar

from edgekit.record import MaybeCi95, Record
from edgekit.settings import Json
from edgekit.verdict import Verdict


class Reading(Record):
    """What a gate compares of one figure.

    Attributes:
        value: milliseconds, bytes, instructions, or a share of 1.
        samples: one per process, for figures that vary.
        interval: of a share, 95% interval of its difference to the student's.
        about: what it depends on besides the bundle.
    """

    OPTIONAL: ClassVar = frozenset({"samples", "interval", "about"})

    value: int | float
    samples: tuple[int | float, ...] | None = None
    interval: MaybeCi95 = None
    about: Json | None = None


class Comparison(Record):
    """One figure against the baseline's.

    Attributes:
        name: of the figure.
        value: now.
        baseline: as it was reviewed.
        change: relative to the baseline, or the difference of shares; positive is worse.
        interval: 95% interval of the change; None where the figure does not vary.
        limit: the change that is let pass.
        verdict: `pass`, `fail` or `inconclusive`.
        reason: a line unless it passes.
    """

    name: str
    value: float
    baseline: float
    change: float
    interval: MaybeCi95 = None
    limit: float
    verdict: Verdict
    reason: str = ""


class GateResult(Record):
    """A bundle against a reviewed baseline.

    Attributes:
        verdict: the worst of the figures'.
        baseline: the file.
        figures: that both sides have.
        notes: what a reader may not expect.
    """

    verdict: Verdict
    baseline: str
    figures: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
