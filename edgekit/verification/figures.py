"""The figures of a decision: changes of metrics, flips, and AUC by slice."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from edgekit.figure import Figure, Share
from edgekit.metrics import METRICS, Cases, Flags, Floats, one
from edgekit.results.decision import Slice
from edgekit.verdict import Interval
from edgekit.verification.bootstrap import paired_deltas, strata
from edgekit.verification.slices import slice_masks
from edgekit.verification.statistics import (
    exact_interval,
    images_to_decide,
    images_to_decide_rate,
    mcnemar,
    percentile_interval,
)


@dataclass(frozen=True)
class BothScores:
    """Scores of reference and artifact on the same N images.

    Attributes:
        reference: float64 [N], finite.
        artifact: float64 [N].
        positives: bool [N].
        slices: N names, "" for none.
        threshold: the frozen operating point.
        own: the artifact's, where its bundle has another; the frozen one when left out.
    """

    reference: Floats
    artifact: Floats
    positives: Flags
    slices: Sequence[str]
    threshold: float
    own: float | None = None

    @property
    def calls(self) -> tuple[Flags, Flags]:
        """Which images reference and artifact call positive."""
        own = self.threshold if self.own is None else self.own
        return self.reference >= self.threshold, self.artifact >= own

    @property
    def finite(self) -> bool:
        """Whether the artifact's scores can be measured at all."""
        return bool(np.isfinite(self.artifact).all())

    @cached_property
    def cases(self) -> tuple[Cases, Cases]:
        """Reference and artifact as metrics take them."""
        names = np.asarray(self.slices, dtype=np.str_)
        kinds = np.unique(names, return_inverse=True)[1].reshape(-1)
        own = self.threshold if self.own is None else self.own
        before = Cases(self.reference, self.positives, self.threshold, kinds)
        return before, Cases(self.artifact, self.positives, own, kinds)


def change_figures(
    both: BothScores, budgets: Mapping[str, float], resamples: int, seed: int
) -> dict[str, Figure]:
    """Measure the change of every metric, artifact - reference, and judge those with a budget.

    Args:
        both: the scores.
        budgets: how much worse a metric may become, by name out of `METRICS`.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    deltas: dict[str, Floats] = {}
    if both.finite:
        groups = strata(both.positives, both.slices)
        names = [name for name, metric in METRICS.items() if metric.interval]
        deltas = paired_deltas(names, both.cases, groups, resamples, seed)
    return {name: _judged(both, name, deltas.get(name), budgets.get(name)) for name in METRICS}


def _judged(both: BothScores, name: str, resampled: Floats | None, budget: float | None) -> Figure:
    figure, interval = _change(name, *both.cases), _interval(both, name, resampled)
    return figure.model_copy(update={"interval": interval, "budget": budget})


def _interval(both: BothScores, name: str, resampled: Floats | None) -> Interval | None:
    if resampled is None or not np.isfinite(resampled).all():
        return None
    images = METRICS[name].images
    step = 1.0 / max(1.0, images(both.cases[0])) if images else 0.0
    return percentile_interval(resampled, step=step)


def flip_figure(both: BothScores, budget: float) -> Share:
    """Judge the share of images that the artifact decides differently at the frozen threshold.

    `lost` were decided rightly before, `won` are now; `mcnemar_p` is how likely so uneven a pair is
    where neither model is more accurate.
    """
    if not both.finite:
        return share_figure("flips", None, len(both.positives), budget)
    before, after = both.calls
    right, now_right = before == both.positives, after == both.positives
    lost, won = int(np.sum(right & ~now_right)), int(np.sum(~right & now_right))
    figure = share_figure("flips", int(np.count_nonzero(before != after)), len(before), budget)
    update = {"lost": lost, "won": won, "mcnemar_p": mcnemar(lost, won)}
    return figure.model_copy(update=update)


def share_figure(name: str, count: int | None, images: int, budget: float | None) -> Share:
    """Return a share of images with its exact interval; one without a count has no value."""
    if count is None:
        return Share(name=name, count=None, artifact=None, budget=budget)
    interval = exact_interval(count, images)
    return Share(name=name, count=count, artifact=count / images, interval=interval, budget=budget)


def slice_figures(both: BothScores, seen: Collection[str] | None = None) -> dict[str, Slice]:
    """Measure every metric by slice, without a verdict, over the images of `slice_masks`.

    Args:
        both: the scores.
        seen: slices that training saw; not known when left out.
    """
    found = {}
    for name, chosen in slice_masks(both.slices, both.positives).items():
        known = None if seen is None else name in seen
        figures = _changes(both, chosen)
        found[name] = Slice(images=both.slices.count(name), seen=known, figures=figures)
    return found


def novelty_figures(both: BothScores, seen: Collection[str] | None) -> dict[str, Slice] | None:
    """Measure the slices that training saw as one, `seen`, and those it did not see, `unseen`.

    None where it is not known, or all slices are of one sort.
    """
    if seen is None:
        return None
    sorts = tuple("seen" if name in seen else "unseen" if name else "" for name in both.slices)
    mixed = {"seen", "unseen"} <= set(sorts)
    return slice_figures(replace(both, slices=sorts), {"seen"}) if mixed else None


def images_for(figure: Figure, images: int) -> int | None:
    """Estimate how many images would decide an inconclusive figure; None if none would."""
    assert figure.budget is not None
    if isinstance(figure, Share):
        assert figure.count is not None
        return images_to_decide_rate(images, figure.count, figure.budget)
    assert figure.loss is not None
    assert figure.loss_interval is not None
    return images_to_decide(images, figure.loss, figure.loss_interval, figure.budget)


def _changes(both: BothScores, chosen: Flags) -> dict[str, Figure]:
    """Measure every metric over some of the images."""
    before, after = (model.at(chosen) for model in both.cases)
    return {name: _change(name, before, after) for name in METRICS}


def _change(name: str, before: Cases, after: Cases) -> Figure:
    was = _or_none(one(name, before))
    now = _or_none(one(name, after)) if np.isfinite(after.scores).all() else None
    return Figure(name=name, gain=METRICS[name].gain, reference=was, artifact=now)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
