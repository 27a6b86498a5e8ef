"""Does the artifact still decide what the reference decides? Figures, intervals and a verdict."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from edgekit.errors import InputError
from edgekit.figure import Figure
from edgekit.results.decision import Decision, judged
from edgekit.results.groups import Grouped
from edgekit.results.verification import Parity
from edgekit.settings import Settings
from edgekit.verdict import Verdict
from edgekit.verification.classes import Classes, class_flip_figure
from edgekit.verification.delong import delong_figure
from edgekit.verification.figures import (
    BothScores,
    change_figures,
    flip_figure,
    images_for,
    novelty_figures,
    slice_figures,
)
from edgekit.verification.grouped import grouped, groups_to_decide
from edgekit.verification.groups import Groups, refuse_one_group, renumbered
from edgekit.verification.shift import shift_figure

Share = Annotated[float, Field(ge=0, le=1)]


class Budget(Settings):
    """What an artifact may lose against its reference.

    Attributes:
        auc: largest allowed drop of the area under the ROC curve.
        ap: largest allowed drop of average precision.
        accuracy: largest allowed drop of accuracy at the frozen threshold.
        flips: largest allowed share of images that are decided differently.
        class_flips: with three classes and more, largest allowed share of images that get another
            class.
        eer, tpr_at_fpr, balanced_accuracy, f1, hter, apcer, bpcer, acer: by how much that
            metric may become worse; measured but not judged where left out.
    """

    auc: Share = 0.01
    ap: Share = 0.02
    accuracy: Share = 0.02
    flips: Share = 0.03
    class_flips: Share = 0.03
    eer: Share | None = None
    tpr_at_fpr: Share | None = None
    balanced_accuracy: Share | None = None
    f1: Share | None = None
    hter: Share | None = None
    apcer: Share | None = None
    bpcer: Share | None = None
    acer: Share | None = None


def decision_parity(
    reference: ArrayLike,
    artifact: ArrayLike,
    positives: ArrayLike,
    slices: Sequence[str],
    threshold: float,
    budget: Budget,
    resamples: int = 2000,
    seed: int = 0,
    own: float | None = None,
    seen: Collection[str] | None = None,
    classes: Classes | None = None,
    groups: Groups | None = None,
) -> Parity:
    """Judge an artifact's scores against the reference's on the same images.

    A figure passes when its whole 95% interval is inside the budget, fails when the whole interval
    is outside, and is inconclusive otherwise. Scores that are not finite, or all alike where the
    reference's are not, fail whatever the figures say.

    Args:
        reference: scores of the float model, [N].
        artifact: scores of the artifact, [N].
        positives: which images are of the positive class, bool [N].
        slices: name of each image's slice, "" for none.
        threshold: an image is called positive when its score is at or above it.
        budget: what may be lost.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        own: the artifact's threshold, where its bundle has another than the frozen one.
        seen: slices that training saw, where that is known.
        classes: which class each model names, where there are three and more.
        groups: number of each image's group, intp [N]: images of one group depend on one another.
            With fewer than ten groups of a class the figures decide nothing.

    Raises:
        InputError: when the lengths differ, a class has no image, all images are of one group or
            the reference is not finite.
    """
    both = BothScores(
        np.asarray(reference, dtype=np.float64),
        np.asarray(artifact, dtype=np.float64),
        np.asarray(positives, dtype=np.bool_),
        tuple(slices),
        threshold,
        own,
        None if groups is None else renumbered(groups),
    )
    _check(both)
    figures = _figures(both, budget, classes, resamples, seed)
    held = grouped(both)
    verdict, failures = _verdict(both, judged(figures), held)
    undecided = verdict is Verdict.INCONCLUSIVE
    images, count = len(both.positives), None
    needed = _images(judged(figures), images) if undecided else None
    if held is not None and undecided:
        count = groups_to_decide(held, images, needed)
        needed = None if count is None else math.ceil(count * images / held.count)
    return Parity(
        verdict=verdict,
        decision=Decision(
            figures=figures,
            delong=delong_figure(both, budget.auc),
            majority=majority(both.positives),
            shift=shift_figure(both, figures),
            slices=slice_figures(both, seen),
            novelty=novelty_figures(both, seen),
        ),
        failures=failures,
        images_to_decide=needed,
        groups=held,
        groups_to_decide=count,
    )


def _figures(
    both: BothScores, budget: Budget, classes: Classes | None, resamples: int, seed: int
) -> dict[str, Figure]:
    """Measure every metric, then the shares of images that are decided otherwise."""
    budgets = {name: limit for name, limit in budget.model_dump().items() if limit is not None}
    shares: dict[str, Figure] = {"flips": flip_figure(both, budgets.pop("flips"))}
    class_flips = budgets.pop("class_flips")
    if classes is not None:
        shares["class_flips"] = class_flip_figure(classes, class_flips)
    return {**change_figures(both, budgets, resamples, seed), **shares}


def _verdict(
    both: BothScores, judged: Mapping[str, Figure], held: Grouped | None
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict with the lines that say why it is `fail`."""
    if held is not None and not held.enough and not any(_faults(both)):
        return Verdict.INCONCLUSIVE, ()
    outside = [each for each in judged.values() if each.verdict is Verdict.FAIL]
    # One without a value has no line of its own: scores that are not finite are said once.
    failures = (*_faults(both), *(each.line() for each in outside if each.interval is not None))
    if failures:
        return Verdict.FAIL, failures
    passed = all(each.verdict is Verdict.PASS for each in judged.values())
    return Verdict.PASS if passed else Verdict.INCONCLUSIVE, ()


def majority(positives: NDArray[np.bool_]) -> float:
    """Return the accuracy of naming the larger class always: what any accuracy is held against."""
    return float(max(positives.mean(), 1 - positives.mean()))


def _check(both: BothScores) -> None:
    parts = (both.reference, both.artifact, both.positives, both.slices, both.groups)
    sizes = {len(part) for part in parts if part is not None}
    if len(sizes) > 1:
        raise InputError(
            f"scores, labels and slices differ in length: {sorted(sizes)}",
            "Score the same images with both models",
        )
    if both.positives.all() or not both.positives.any():
        raise InputError(
            f"the {len(both.positives)} images are not of two classes",
            "Give images of the positive and of another class",
        )
    if both.groups is not None:
        refuse_one_group(both.groups)
    bad = int(np.count_nonzero(~np.isfinite(both.reference)))
    if bad:
        raise InputError(
            f"{bad} of the reference's {len(both.reference)} scores are NaN or infinite",
            "Check the detector's weights and preprocessing",
        )


def _faults(both: BothScores) -> Iterator[str]:
    """Say what makes the scores unfit to be compared."""
    bad, images = int(np.count_nonzero(~np.isfinite(both.artifact))), len(both.artifact)
    if bad:
        yield f"scores: {bad} of the artifact's {images} are NaN or infinite"
    elif np.ptp(both.artifact) == 0 and np.ptp(both.reference) > 0:
        yield (
            f"scores: all {images} of the artifact's are {both.artifact[0]:.4g}, "
            "the reference's are not alike"
        )


def _images(judged: Mapping[str, Figure], images: int) -> int | None:
    """Return what the figure that needs most images needs; None when one cannot be decided."""
    needed = [
        images_for(figure, images)
        for figure in judged.values()
        if figure.verdict is Verdict.INCONCLUSIVE
    ]
    known = [count for count in needed if count is not None]
    return max(known, default=None) if len(known) == len(needed) else None
