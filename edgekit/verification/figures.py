"""The figures of a decision: changes of metrics, flips, and AUC by slice."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from edgekit.figure import Figure, Share
from edgekit.metrics import METRICS, Cases, Flags, Floats, Indices, one
from edgekit.results.decision import Slice
from edgekit.verdict import Interval
from edgekit.verification.bootstrap import (
    group_strata,
    paired_deltas,
    strata,
)
from edgekit.verification.groups import (
    Groups,
    clustered_interval,
    degrees,
    effect_of,
    sign_flip_p,
    symmetric_interval,
)
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
        groups: number of each image's group, intp [N]; None where every image stands by itself.
    """

    reference: Floats
    artifact: Floats
    positives: Flags
    slices: Sequence[str]
    threshold: float
    own: float | None = None
    groups: Groups | None = None

    @property
    def calls(self) -> tuple[Flags, Flags]:
        """Which images reference and artifact call positive."""
        own = self.threshold if self.own is None else self.own
        return self.reference >= self.threshold, self.artifact >= own

    @cached_property
    def effect(self) -> float:
        """How many images are worth one to the decisions that change; 1 without groups."""
        before, after = self.calls
        return 1.0 if self.groups is None else effect_of(before != after, self.groups, self.moved)

    @property
    def moved(self) -> Floats:
        """By how much each image's score changed, [N]."""
        return np.abs(self.artifact - self.reference)

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
        names = [name for name, metric in METRICS.items() if metric.interval]
        deltas = paired_deltas(names, both.cases, _strata(both), resamples, seed, both.groups)
    return {name: _judged(both, name, deltas.get(name), budgets.get(name)) for name in METRICS}


def _strata(both: BothScores) -> Indices:
    if both.groups is None:
        return strata(both.positives, both.slices)
    return group_strata(both.positives, both.slices, both.groups)


def _judged(both: BothScores, name: str, resampled: Floats | None, budget: float | None) -> Figure:
    figure = _change(name, *both.cases)
    interval = _interval(both, figure, resampled)
    return figure.model_copy(update={"interval": interval, "budget": budget})


def _interval(both: BothScores, figure: Figure, resampled: Floats | None) -> Interval | None:
    if resampled is None or not np.isfinite(resampled).all():
        return None
    metric = METRICS[figure.name]
    step = metric.step(both.cases[0]) if metric.step else 0.0
    if both.groups is None or figure.difference is None:
        return percentile_interval(resampled, step=step if metric.coarse else 0.0)
    free = degrees(both.groups, both.positives)
    return symmetric_interval(figure.difference, resampled, free, step * both.effect)


def flip_figure(both: BothScores, budget: float) -> Share:
    """Judge the share of images that the artifact decides differently at the frozen threshold.

    `lost` were decided rightly before, `won` are now; `mcnemar_p` is how likely so uneven a pair is
    where neither model is more accurate.
    """
    if not both.finite:
        return share_figure("flips", None, budget)
    before, after = both.calls
    right, now_right = before == both.positives, after == both.positives
    lost, won = right & ~now_right, ~right & now_right
    figure = share_figure("flips", before != after, budget, both.groups, both.moved)
    found = {"lost": int(lost.sum()), "won": int(won.sum())}
    return figure.model_copy(update={**found, "mcnemar_p": uneven_p(lost, won, both.groups)})


def uneven_p(lost: Flags, won: Flags, groups: Groups | None) -> float:
    """Return the exact p-value of McNemar's test, or of its form for groups."""
    if groups is None:
        return mcnemar(int(lost.sum()), int(won.sum()))
    return sign_flip_p(lost, won, groups)


def share_figure(
    name: str,
    changed: Flags | None,
    budget: float | None,
    groups: Groups | None = None,
    moved: Floats | None = None,
) -> Share:
    """Return a share of images with its exact interval, or that of Korn and Graubard for groups.

    Args:
        name: of the figure.
        changed: which images it is a share of, bool [N]; None where it has no value.
        budget: the largest share; None where it is not judged.
        groups: number of each image's group, [N].
        moved: see `clustered_interval`.
    """
    if changed is None:
        return Share(name=name, count=None, artifact=None, budget=budget)
    count, images = int(np.count_nonzero(changed)), len(changed)
    made = Share(name=name, count=count, artifact=count / images, budget=budget)
    if groups is None:
        return made.model_copy(update={"interval": exact_interval(count, images)})
    return made.model_copy(update=clustered_interval(changed, groups, moved)._asdict())


def slice_figures(both: BothScores, seen: Collection[str] | None = None) -> dict[str, Slice]:
    """Measure every metric by slice, without a verdict, over the images of `slice_masks`.

    Args:
        both: the scores.
        seen: slices that training saw; not known when left out.
    """
    found = {}
    for name, chosen in slice_masks(both.slices, both.positives).items():
        known = None if seen is None else name in seen
        figures, images = _changes(both, chosen), both.slices.count(name)
        groups = _groups_in(both, name)
        found[name] = Slice(images=images, seen=known, figures=figures, groups=groups)
    return found


def _groups_in(both: BothScores, name: str) -> int | None:
    if both.groups is None:
        return None
    return len(np.unique(both.groups[np.asarray(both.slices, dtype=np.str_) == name]))


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
        if figure.effective is None:
            return images_to_decide_rate(images, figure.count, figure.budget)
        rate = figure.count / images
        needed = images_to_decide_rate(figure.effective, rate * figure.effective, figure.budget)
        return needed and math.ceil(needed * images / figure.effective)
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
