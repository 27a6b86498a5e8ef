"""The ratio of two latencies with its confidence interval."""

import math
from dataclasses import dataclass

from edgekit.verdict import Interval, Verdict, held


@dataclass(frozen=True)
class Ratio:
    """A ratio of latencies.

    Attributes:
        value: geometric mean of the pairs' ratios.
        low: lower end of the 95% interval.
        high: upper end.
        pairs: how many pairs it rests on.
    """

    value: float
    low: float
    high: float
    pairs: int

    @property
    def interval(self) -> Interval:
        """Both ends of the 95% interval."""
        return self.low, self.high

    @property
    def inverse(self) -> "Ratio":
        """The same the other way round."""
        return Ratio(1 / self.value, 1 / self.high, 1 / self.low, self.pairs)

    def verdict(self, limit: float) -> tuple[Verdict, str | None]:
        """Hold the whole interval against an upper limit.

        Returns:
            the verdict, and a line unless it passes.
        """
        verdict = held(self.interval, limit)
        said = f"ratio {self.value:.3f} [{self.low:.3f}, {self.high:.3f}], budget {limit:g}"
        if verdict is Verdict.PASS:
            return verdict, None
        if verdict is Verdict.FAIL:
            return verdict, f"{said}: slower"
        return verdict, f"{said}: about {self.duets_to_decide(limit)} pairs would decide it"

    def duets_to_decide(self, limit: float) -> int:
        """Estimate the pairs after which the interval leaves the limit out.

        The interval's half-width shrinks with the square root of the pairs.
        """
        margin = abs(math.log(limit / self.value)) or 1e-3
        half = (math.log(self.high) - math.log(self.low)) / 2
        return max(self.pairs + 1, math.ceil(self.pairs * (half / margin) ** 2))
