"""A verdict that no figure stands behind."""

from typing import ClassVar, Self

from edgekit.record import Record
from edgekit.verdict import Verdict


class Unmeasured(Record):
    """A verdict without figures: there is no runtime, or it fails on the artifact.

    Attributes:
        verdict: `unavailable`, or `fail` where the runtime was there and failed.
        reason: why, in one line.
        failures: the same line where it failed.
    """

    OPTIONAL: ClassVar = frozenset({"failures"})

    verdict: Verdict
    failures: tuple[str, ...] | None = None
    reason: str

    @classmethod
    def unavailable(cls, reason: str) -> Self:
        """Nothing here could judge it."""
        return cls(verdict=Verdict.UNAVAILABLE, reason=reason)

    @classmethod
    def failure(cls, line: str) -> Self:
        """What runs the artifact refused it or crashed."""
        return cls(verdict=Verdict.FAIL, failures=(line,), reason=line)
