"""The ratio of two latencies measured in pairs, with its confidence interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ratio:
    """A paired ratio.

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

    def verdict(self, limit: float) -> tuple[str, str | None]:
        """Hold the whole interval against an upper limit.

        Returns:
            `pass`, `fail` or `inconclusive`, and a line unless it passes.
        """
        said = f"ratio {self.value:.3f} [{self.low:.3f}, {self.high:.3f}], budget {limit:g}"
        if self.high <= limit:
            return "pass", None
        if self.low > limit:
            return "fail", f"{said}: slower"
        return "inconclusive", f"{said}: about {self.pairs_to_decide(limit)} pairs would decide it"

    def pairs_to_decide(self, limit: float) -> int:
        """Estimate the pairs after which the interval leaves the limit out.

        The interval's half-width shrinks with the square root of the pairs.
        """
        margin = abs(math.log(limit / self.value)) or 1e-3
        half = (math.log(self.high) - math.log(self.low)) / 2
        return max(self.pairs + 1, math.ceil(self.pairs * (half / margin) ** 2))


def paired_ratio(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return first / second over pairs, with Student's t interval of the logarithms.

    Args:
        first: one positive figure per pair.
        second: the other figure of each pair; two pairs at least.
    """
    from scipy import stats

    logs = np.log(np.asarray(first)) - np.log(np.asarray(second))
    mean, count = float(logs.mean()), len(logs)
    half = float(stats.t.ppf(0.975, count - 1) * logs.std(ddof=1) / math.sqrt(count))
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half), count)
