"""Does the artifact still decide what the reference decides? Figures, intervals and a verdict."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from edgekit.errors import InputError
from edgekit.settings import Settings
from edgekit.verify.classes import Classes, class_flip_figure
from edgekit.verify.delong import delong_figure
from edgekit.verify.figures import (
    Figure,
    Pair,
    Verdict,
    change_figures,
    failure_lines,
    flip_figure,
    images_for,
    novelty_figures,
    slice_figures,
)
from edgekit.verify.shift import shift_figure

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


@dataclass(frozen=True)
class Parity:
    """A verdict with the figures that earned it.

    Attributes:
        verdict: `fail` if anything fails, else `inconclusive` if a figure is, else `pass`.
        decision: the figures by name, plain JSON values; None where one has no value.
        failures: one line for each figure that fails and each fault of the scores.
        images_to_decide: for `inconclusive`, how many images would decide it; None if none would.
    """

    verdict: Verdict
    decision: dict[str, Any]
    failures: tuple[str, ...]
    images_to_decide: int | None

    @property
    def judged(self) -> dict[str, Figure]:
        """The figures that have a budget."""
        return judged_of(self.decision)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "verdict": self.verdict,
            "decision": self.decision,
            "failures": list(self.failures),
            "images_to_decide": self.images_to_decide,
        }


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

    Raises:
        InputError: when the lengths differ, a class has no image or the reference is not finite.
    """
    pair = Pair(
        np.asarray(reference, dtype=np.float64),
        np.asarray(artifact, dtype=np.float64),
        np.asarray(positives, dtype=np.bool_),
        tuple(slices),
        threshold,
        own,
    )
    _check(pair)
    limits = {name: limit for name, limit in budget.model_dump().items() if limit is not None}
    found = {"flips": flip_figure(pair, limits.pop("flips"))}
    class_flips = limits.pop("class_flips")
    if classes is not None:
        found["class_flips"] = class_flip_figure(classes, class_flips)
    found = {**change_figures(pair, limits, resamples, seed), **found}
    judged = judged_of(found)
    failures = (*_faults(pair), *failure_lines(judged))
    verdicts = {figure["verdict"] for figure in judged.values()}
    verdict: Verdict = "fail" if failures else "pass" if verdicts == {"pass"} else "inconclusive"
    needed = _images(judged, len(pair.positives)) if verdict == "inconclusive" else None
    decision = {
        **found,
        "auc": found["auc"] | {"delong": delong_figure(pair, budget.auc)},
        "majority": majority(pair.positives),
        "shift": shift_figure(pair, judged),
        "slices": slice_figures(pair, seen),
        "novelty": novelty_figures(pair, seen),
    }
    return Parity(verdict, decision, failures, needed)


def judged_of(decision: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the figures of a decision that have a budget."""
    found = {name: each for name, each in decision.items() if isinstance(each, dict)}
    return {name: figure for name, figure in found.items() if "verdict" in figure}


def majority(positives: NDArray[np.bool_]) -> float:
    """Return the accuracy of naming the larger class always: what any accuracy is held against."""
    return float(max(positives.mean(), 1 - positives.mean()))


def _check(pair: Pair) -> None:
    sizes = {len(pair.reference), len(pair.artifact), len(pair.positives), len(pair.slices)}
    if len(sizes) > 1:
        raise InputError(
            f"scores, labels and slices differ in length: {sorted(sizes)}",
            "Score the same images with both models",
        )
    if pair.positives.all() or not pair.positives.any():
        raise InputError(
            f"the {len(pair.positives)} images are not of two classes",
            "Give images of the positive and of another class",
        )
    bad = int(np.count_nonzero(~np.isfinite(pair.reference)))
    if bad:
        raise InputError(
            f"{bad} of the reference's {len(pair.reference)} scores are NaN or infinite",
            "Check the detector's weights and preprocessing",
        )


def _faults(pair: Pair) -> Iterator[str]:
    """Say what makes the scores unfit to be compared."""
    bad, images = int(np.count_nonzero(~np.isfinite(pair.artifact))), len(pair.artifact)
    if bad:
        yield f"scores: {bad} of the artifact's {images} are NaN or infinite"
    elif np.ptp(pair.artifact) == 0 and np.ptp(pair.reference) > 0:
        yield (
            f"scores: all {images} of the artifact's are {pair.artifact[0]:.4g}, "
            "the reference's are not alike"
        )


def _images(judged: dict[str, Figure], images: int) -> int | None:
    """Return what the figure that needs most images needs; None when one cannot be decided."""
    needed = [
        images_for(name, figure, images)
        for name, figure in judged.items()
        if figure["verdict"] == "inconclusive"
    ]
    return None if None in needed else max(count for count in needed if count is not None)
