"""Axes of a plot: from figures to places, with round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Beyond this ratio of largest to smallest, equal steps would crowd the small ones.
_LOGARITHMIC_FROM = 8.0


@dataclass(frozen=True)
class Axis:
    """Maps low..high to start..end of a picture, in equal steps or equal ratios."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where `value` stands."""
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return self.start + (self.end - self.start) * (at - low) / (high - low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return round values inside the axis, each with how it is written."""
        values = self._ratios() if self.logarithmic else _even(self.low, self.high)
        short = [f"{value:g}" for value in values]
        digits = max((len(text.partition(".")[2]) for text in short), default=0)
        if self.logarithmic:
            return list(zip(values, short, strict=True))
        return [(value, f"{value:.{digits}f}") for value in values]

    def _ratios(self) -> list[float]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = [factor * 10.0**decade for decade in decades for factor in (1, 2, 5)]
        return [value for value in values if self.low <= value <= self.high]


def latency_axis(values: Iterable[float], start: float, end: float) -> Axis:
    """Fit an axis of times: logarithmic when they span much, else from zero."""
    found = list(values)
    low, high = min(found), max(found)
    if high / low > _LOGARITHMIC_FROM:
        return Axis(low / 1.6, high * 1.6, start, end, logarithmic=True)
    return Axis(0.0, high * 1.15, start, end)


def score_axis(values: Iterable[float], start: float, end: float) -> Axis:
    """Fit an axis of scores with some air around them; never a range too small to read.

    No score is above 1, so the axis ends there with no more air than a marker needs.
    """
    found = list(values)
    low, high = min(found), max(found)
    air = max(0.12 * (high - low), 0.002)
    return Axis(low - air, min(high + air, max(high, 1.0) + 0.0004), start, end)


def _even(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
