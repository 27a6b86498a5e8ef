"""A Verdict, and which one speaks for several."""

from collections.abc import Iterable
from enum import StrEnum

Interval = tuple[float, float]


class Verdict(StrEnum):
    """What was found of an artifact, the worst first.

    A file that is wrong stays wrong whatever could not be judged, and what nobody could judge
    weighs more than what more images would decide.
    """

    FAIL = "fail"
    UNAVAILABLE = "unavailable"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105  (no password)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that speaks for several; `pass` where there are none."""
    return min(verdicts, key=list(Verdict).index, default=Verdict.PASS)


def held(interval: Interval, limit: float) -> Verdict:
    """Hold an interval of which less is better against a limit.

    Returns:
        `pass` when all of it is at or below the limit, `fail` when all of it is above, and
        `inconclusive` in between.
    """
    low, high = interval
    if high <= limit:
        return Verdict.PASS
    return Verdict.FAIL if low > limit else Verdict.INCONCLUSIVE
