"""The figures of a decision: changes of metrics, flips, and AUC by slice. Plain JSON values.

A figure carries its own verdict against its own budget. A figure that has no finite value is None
and fails.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from edgekit.metrics import METRICS, Cases, Flags, Floats, one
from edgekit.verify.bootstrap import paired_deltas, strata
from edgekit.verify.slices import slice_masks
from edgekit.verify.statistics import (
    exact_interval,
    images_to_decide,
    images_to_decide_rate,
    mcnemar,
    percentile_interval,
)

Verdict = Literal["pass", "fail", "inconclusive"]
Figure = dict[str, Any]


@dataclass(frozen=True)
class Pair:
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
    pair: Pair, budgets: Mapping[str, float], resamples: int, seed: int
) -> dict[str, Figure]:
    """Measure the change of every metric, artifact - reference, and judge those with a budget.

    Args:
        pair: the scores.
        budgets: how much worse a metric may become, by name out of `METRICS`.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    deltas: dict[str, Floats] = {}
    if pair.finite:
        groups = strata(pair.positives, pair.slices)
        names = [name for name, metric in METRICS.items() if metric.interval]
        deltas = paired_deltas(names, pair.cases, groups, resamples, seed)
    return {name: _judged(pair, name, deltas.get(name), budgets.get(name)) for name in METRICS}


def _judged(pair: Pair, name: str, resampled: Floats | None, budget: float | None) -> Figure:
    figure = _change(name, *pair.cases)
    finite = resampled is not None and bool(np.isfinite(resampled).all())
    images = METRICS[name].images
    step = 1.0 / max(1.0, images(pair.cases[0])) if images else 0.0
    interval = (
        percentile_interval(resampled, step=step) if resampled is not None and finite else None
    )
    figure |= {"ci95": None if interval is None else list(interval)}
    if budget is None:
        return figure
    if interval is None:
        return figure | {"budget": budget, "verdict": "fail"}
    least, most = sorted(-METRICS[name].gain * end for end in interval)
    verdict = _verdict(inside=most <= budget, outside=least > budget)
    return figure | {"budget": budget, "verdict": verdict}


def flip_figure(pair: Pair, budget: float) -> Figure:
    """Judge the share of images that the artifact decides differently at the frozen threshold.

    `lost` were decided rightly before, `won` are now; `mcnemar_p` is how likely so uneven a pair is
    where neither model is more accurate.
    """
    if not pair.finite:
        return share_figure(None, len(pair.positives), budget)
    before, after = pair.calls
    right, now_right = before == pair.positives, after == pair.positives
    lost, won = int(np.sum(right & ~now_right)), int(np.sum(~right & now_right))
    figure = share_figure(int(np.count_nonzero(before != after)), len(before), budget)
    return figure | {"lost": lost, "won": won, "mcnemar_p": mcnemar(lost, won)}


def share_figure(count: int | None, images: int, budget: float) -> Figure:
    """Judge a share of images by its exact interval; one without a count has no value and fails."""
    if count is None:
        return {"count": None, "rate": None, "ci95": None, "budget": budget, "verdict": "fail"}
    low, high = exact_interval(count, images)
    verdict = _verdict(inside=high <= budget, outside=low > budget)
    return {
        "count": count,
        "rate": count / images,
        "ci95": [low, high],
        "budget": budget,
        "verdict": verdict,
    }


def slice_figures(pair: Pair, seen: Collection[str] | None = None) -> dict[str, Figure]:
    """Measure every metric by slice, without a verdict, over the images of `slice_masks`.

    Args:
        pair: the scores.
        seen: slices that training saw; not known when left out.

    Returns:
        by slice `images`, `seen` (None when it is not known) and each metric.
    """
    found = {}
    for name, chosen in slice_masks(pair.slices, pair.positives).items():
        known = None if seen is None else name in seen
        figures = {"images": pair.slices.count(name), "seen": known}
        found[name] = figures | _changes(pair, chosen)
    return found


def novelty_figures(pair: Pair, seen: Collection[str] | None) -> dict[str, Figure] | None:
    """Measure the slices that training saw as one, `seen`, and those it did not see, `unseen`.

    None where it is not known, or all slices are of one sort.
    """
    if seen is None:
        return None
    sorts = tuple("seen" if name in seen else "unseen" if name else "" for name in pair.slices)
    both = {"seen", "unseen"} <= set(sorts)
    return slice_figures(replace(pair, slices=sorts), {"seen"}) if both else None


def images_for(name: str, figure: Figure, images: int) -> int | None:
    """Estimate how many images would decide an inconclusive figure; None if none would."""
    if "count" in figure:
        return images_to_decide_rate(images, figure["count"], figure["budget"])
    gain = METRICS[name].gain
    low, high = sorted(gain * end for end in figure["ci95"])
    return images_to_decide(images, gain * figure["delta"], (low, high), -figure["budget"])


def failure_lines(judged: Mapping[str, Figure]) -> Iterator[str]:
    """Say which figures are outside their budget; one without a value has no line of its own."""
    for name, figure in judged.items():
        if figure.get("verdict") != "fail" or figure["ci95"] is None:
            continue
        (low, high), budget = figure["ci95"], figure["budget"]
        if "count" in figure:
            yield (
                f"{name.replace('_', ' ')}: {figure['count']} images, {figure['rate']:.2%} "
                f"(95% interval {low:.2%} to {high:.2%}), budget {budget:.2%}"
            )
        else:
            limit = -METRICS[name].gain * budget
            yield (
                f"{name}: changed by {figure['delta']:+.4f} from {figure['reference']:.4f} "
                f"(95% interval {low:+.4f} to {high:+.4f}), budget {limit:+.4f}"
            )


def _changes(pair: Pair, chosen: Flags) -> dict[str, Figure]:
    """Measure every metric over some of the images."""
    before, after = (model.at(chosen) for model in pair.cases)
    return {name: _change(name, before, after) for name in METRICS}


def _change(name: str, before: Cases, after: Cases) -> Figure:
    was = _or_none(one(name, before))
    now = _or_none(one(name, after)) if np.isfinite(after.scores).all() else None
    delta = None if was is None or now is None else now - was
    return {"reference": was, "artifact": now, "delta": delta}


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _verdict(*, inside: bool, outside: bool) -> Verdict:
    return "pass" if inside else "fail" if outside else "inconclusive"
