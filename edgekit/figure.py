"""A Figure: one value of an artifact beside the reference's, held against its budget.

Of some figures more is better, of others less. That sign is applied here and nowhere else: who asks
a Figure for its `verdict`, `excess` or `limit` need not know it.
"""

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import (
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from edgekit.record import Record
from edgekit.settings import Json
from edgekit.verdict import Interval, Verdict, held


class Figure(Record):
    """A metric of reference and artifact on the same images.

    Attributes:
        name: of the metric.
        gain: 1 where more is better, -1 where less is.
        reference: the float model's value; None where it has no finite one.
        artifact: the artifact's.
        interval: 95% interval of the difference; None where there is none.
        budget: by how much it may become worse; None where it is not judged.
    """

    name: str
    gain: Literal[1, -1]
    reference: float | None
    artifact: float | None
    interval: Interval | None = None
    budget: float | None = None

    @property
    def difference(self) -> float | None:
        """Artifact - reference; None where one of them has no value."""
        if self.reference is None or self.artifact is None:
            return None
        return self.artifact - self.reference

    @property
    def loss(self) -> float | None:
        """By how much it became worse."""
        return None if self.difference is None else -self.gain * self.difference

    @property
    def loss_interval(self) -> Interval | None:
        """By how much it became worse at least and at most."""
        if self.interval is None:
            return None
        least, most = sorted(-self.gain * end for end in self.interval)
        return least, most

    @property
    def verdict(self) -> Verdict | None:
        """How the whole interval lies to the budget; None without one, `fail` without a value."""
        if self.budget is None:
            return None
        return Verdict.FAIL if self.loss_interval is None else held(self.loss_interval, self.budget)

    @property
    def excess(self) -> float:
        """How much of its budget it may have used up: 1 or less is inside, infinite unknown."""
        if self.loss_interval is None or self.budget is None:
            return math.inf
        return max(self.loss_interval[1], 0.0) / max(self.budget, 1e-9)

    @property
    def limit(self) -> float | None:
        """The difference that the budget stands for."""
        return None if self.budget is None else -self.gain * self.budget

    @property
    def title(self) -> str:
        """The name as text."""
        return self.name.replace("_", " ")

    def line(self) -> str:
        """Say what a figure with a value changed by, and what it might."""
        if self.interval is None or self.limit is None:
            return f"{self.title}: no value"
        low, high = self.interval
        return (
            f"{self.name}: changed by {self.difference:+.4f} from {self.reference:.4f} "
            f"(95% interval {low:+.4f} to {high:+.4f}), budget {self.limit:+.4f}"
        )

    def miss(self) -> str:
        """Say by how much it may be outside its budget."""
        if self.loss_interval is None or self.budget is None:
            return f"{self.name} has no value"
        verb = f"may {self._worse} {100 * self.loss_interval[1]:.2f}%"
        return f"{self.title} {verb}, budget {100 * self.budget:g}%"

    @property
    def _worse(self) -> str:
        return "drop by" if self.gain > 0 else "rise by"

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "ci95" not in value:
            return value
        return {**value, "interval": value["ci95"]}

    def values(self) -> Json:
        """Return the values alone as JSON, as slices have them."""
        both = {"reference": self.reference, "artifact": self.artifact}
        return {**both, "delta": self.difference}

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        return {**self.values(), "ci95": self.interval, **self._judgement()}

    def _judgement(self) -> Json:
        if self.budget is None:
            return {}
        return {"budget": self.budget, "verdict": self.verdict}


class Share(Figure):
    """A share of the images that the artifact decides otherwise; the reference's own is 0.

    Attributes:
        count: how many; None where the artifact's scores are not finite.
        lost: of them, those decided rightly before; None where that is not asked.
        won: those decided rightly now.
        mcnemar_p: how likely so uneven a pair is where neither model is more accurate.
        effective: how many independent images the interval is of, where images are of groups.
    """

    name: str = "share"
    gain: Literal[1, -1] = -1
    reference: float | None = 0.0
    count: int | None
    lost: int | None = None
    won: int | None = None
    mcnemar_p: float | None = None
    effective: float | None = None

    @property
    def rate(self) -> float | None:
        """The share itself, 0..1."""
        return self.artifact

    def line(self) -> str:
        """Say what the share is, and what it might be."""
        if self.interval is None or self.budget is None:
            return f"{self.title}: no value"
        low, high = self.interval
        return (
            f"{self.title}: {self.count} images, {self.rate:.2%} "
            f"(95% interval {low:.2%} to {high:.2%}), budget {self.budget:.2%}"
        )

    @property
    def _worse(self) -> str:
        return "be"

    @model_validator(mode="before")
    @classmethod
    def _read_share(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "rate" not in value:
            return value
        return {**value, "artifact": value["rate"]}

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        more = {"lost": self.lost, "won": self.won, "mcnemar_p": self.mcnemar_p}
        more["effective"] = self.effective
        return {
            "count": self.count,
            "rate": self.rate,
            "ci95": self.interval,
            **self._judgement(),
            **{name: value for name, value in more.items() if value is not None},
        }
