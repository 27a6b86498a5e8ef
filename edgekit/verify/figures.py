"""The figures of a decision: drops of a metric, flips, and AUC by slice. Plain JSON values.

A figure carries its own verdict against its own budget. A figure that has no finite value is None
and fails.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from edgekit.verify.bootstrap import paired_deltas, strata
from edgekit.verify.metrics import Flags, Floats, plain
from edgekit.verify.slices import slice_masks
from edgekit.verify.statistics import (
    exact_interval,
    images_to_decide,
    images_to_decide_rate,
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
    """

    reference: Floats
    artifact: Floats
    positives: Flags
    slices: Sequence[str]
    threshold: float

    @property
    def finite(self) -> bool:
        """Whether the artifact's scores can be measured at all."""
        return bool(np.isfinite(self.artifact).all())


def drop_figures(
    pair: Pair, budgets: Mapping[str, float], resamples: int, seed: int
) -> dict[str, Figure]:
    """Judge the change of each metric named in `budgets`, artifact - reference."""
    deltas: dict[str, Floats] = {}
    if pair.finite:
        groups = strata(pair.positives, pair.slices)
        both = (pair.reference, pair.artifact)
        deltas = paired_deltas(
            list(budgets), both, pair.positives, pair.threshold, groups, resamples, seed
        )
    return {name: _drop(pair, name, deltas.get(name), limit) for name, limit in budgets.items()}


def _drop(pair: Pair, name: str, resampled: Floats | None, budget: float) -> Figure:
    figure = _change(pair, name, np.ones(len(pair.positives), dtype=np.bool_))
    if resampled is None:
        return {**figure, "ci95": None, "budget": budget, "verdict": "fail"}
    low, high = percentile_interval(resampled)
    verdict = _verdict(inside=low >= -budget, outside=high < -budget)
    return {**figure, "ci95": [low, high], "budget": budget, "verdict": verdict}


def flip_figure(pair: Pair, budget: float) -> Figure:
    """Judge the share of images that the artifact decides differently at the frozen threshold."""
    if not pair.finite:
        return {"count": None, "rate": None, "ci95": None, "budget": budget, "verdict": "fail"}
    before, after = pair.reference >= pair.threshold, pair.artifact >= pair.threshold
    count, images = int(np.count_nonzero(before != after)), len(before)
    low, high = exact_interval(count, images)
    return {
        "count": count,
        "rate": count / images,
        "ci95": [low, high],
        "budget": budget,
        "verdict": _verdict(inside=high <= budget, outside=low > budget),
    }


def slice_figures(pair: Pair) -> dict[str, Figure]:
    """Measure AUC by slice, without a verdict, over the images that `slice_masks` names."""
    return {
        name: {"images": pair.slices.count(name), "auc": _change(pair, "auc", chosen)}
        for name, chosen in slice_masks(pair.slices, pair.positives).items()
    }


def images_for(figure: Figure, images: int) -> int | None:
    """Estimate how many images would decide an inconclusive figure; None if none would."""
    if "count" in figure:
        return images_to_decide_rate(images, figure["count"], figure["budget"])
    return images_to_decide(images, figure["delta"], figure["ci95"], -figure["budget"])


def failure_lines(judged: Mapping[str, Figure]) -> Iterator[str]:
    """Say which figures are outside their budget; one without a value has no line of its own."""
    for name, figure in judged.items():
        if figure["verdict"] != "fail" or figure["ci95"] is None:
            continue
        (low, high), budget = figure["ci95"], figure["budget"]
        if name == "flips":
            yield (
                f"flips: {figure['count']} images, {figure['rate']:.2%} "
                f"(95% interval {low:.2%} to {high:.2%}), budget {budget:.2%}"
            )
        else:
            yield (
                f"{name}: changed by {figure['delta']:+.4f} from {figure['reference']:.4f} "
                f"(95% interval {low:+.4f} to {high:+.4f}), budget {-budget:+.4f}"
            )


def _change(pair: Pair, name: str, chosen: Flags) -> Figure:
    positives = pair.positives[chosen]
    before = plain(name, pair.reference[chosen], positives, pair.threshold)
    if not pair.finite:
        return {"reference": before, "artifact": None, "delta": None}
    after = plain(name, pair.artifact[chosen], positives, pair.threshold)
    return {"reference": before, "artifact": after, "delta": after - before}


def _verdict(*, inside: bool, outside: bool) -> Verdict:
    return "pass" if inside else "fail" if outside else "inconclusive"
