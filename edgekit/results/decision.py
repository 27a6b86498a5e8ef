"""What the artifact decides beside the reference: figures, slices, and a second opinion."""

from collections.abc import Mapping
from typing import Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from edgekit.figure import Figure, Share
from edgekit.figures import Figures
from edgekit.record import Ci95, Record
from edgekit.settings import Json


class Delong(Record):
    """The paired test of the AUC that needs no resampling; see `verify/delong.py`.

    Attributes:
        interval: 95% interval of artifact - reference.
        p: how likely so good a result is for an artifact whose AUC drops by more than the budget.
    """

    interval: Ci95
    p: float


class Shift(Record):
    """Whether another threshold would bring the flips into their budget; see `verify/shift.py`.

    Attributes:
        kind: `threshold` where it would, `ranking` where the scores lost their order.
        threshold: with which most is decided as the reference does.
        flips: the share that is left with it.
    """

    kind: Literal["threshold", "ranking"]
    threshold: float
    flips: float


class Slice(Record):
    """Every metric over one slice, without a verdict.

    Attributes:
        images: how many are of the slice.
        seen: whether training saw it; None when that is not known.
        groups: of how many groups they are; None where every image stands by itself.
        figures: by name of the metric.
    """

    images: int
    seen: bool | None = None
    groups: int | None = None
    figures: Figures

    @property
    def auc(self) -> Figure:
        """Area under the ROC curve."""
        return self.figures["auc"]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "figures" in value:
            return value
        return {**value, "figures": value}

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        figures = {name: figure.values() for name, figure in self.figures.items()}
        groups = {} if self.groups is None else {"groups": self.groups}
        return {"images": self.images, "seen": self.seen, **groups, **figures}


class Decision(Record):
    """The figures of a verdict.

    Attributes:
        figures: every metric by name, in the order of `METRICS`, then the shares of images that are
            decided otherwise.
        delong: second opinion on the AUC; None where it has none.
        majority: accuracy of naming the larger class always.
        shift: None where the flips are not outside their budget.
        slices: by name.
        novelty: slices that training saw as one, and the others; None where that is not known.
    """

    figures: Figures
    delong: Delong | None = None
    majority: float
    shift: Shift | None = None
    slices: dict[str, Slice]
    novelty: dict[str, Slice] | None = None

    @property
    def auc(self) -> Figure:
        """Area under the ROC curve."""
        return self.figures["auc"]

    @property
    def flips(self) -> Share:
        """Images that are decided otherwise at the frozen threshold."""
        found = self.figures["flips"]
        assert isinstance(found, Share)
        return found

    @property
    def class_flips(self) -> Share | None:
        """Images that get another class; None with two classes."""
        found = self.figures.get("class_flips")
        return found if isinstance(found, Share) else None

    @property
    def judged(self) -> dict[str, Figure]:
        """The figures with a budget."""
        return judged(self.figures)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "figures" in value:
            return value
        auc = value.get("auc")
        delong = auc.get("delong") if isinstance(auc, Mapping) else None
        return {**value, "figures": value, "delong": delong}

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        found: Json = {name: each.to_json() for name, each in self.figures.items()}
        delong = self.delong and self.delong.to_json()
        slices = {name: each.to_json() for name, each in self.slices.items()}
        novelty = None
        if self.novelty is not None:
            novelty = {name: each.to_json() for name, each in self.novelty.items()}
        return {
            **found,
            "auc": {**self.auc.to_json(), "delong": delong},
            "majority": self.majority,
            "shift": self.shift and self.shift.to_json(),
            "slices": slices,
            "novelty": novelty,
        }


def judged(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the figures with a budget."""
    return {name: figure for name, figure in figures.items() if figure.budget is not None}
