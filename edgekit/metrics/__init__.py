"""Detection metrics. A new one is a function in one of the files here and one line in METRICS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgekit.metrics.cases import Cases, Flags, Floats, Indices, cases
from edgekit.metrics.operating import (
    accuracy,
    acer,
    apcer,
    balanced_accuracy,
    bpcer,
    f1,
    hter,
    one_attack,
    one_bona_fide,
    one_image,
    one_of_class,
    one_of_f1,
    one_of_kind,
    one_positive,
)
from edgekit.metrics.ranking import auc, average_precision, eer, tpr_at_fpr
from edgekit.metrics.reliability import ece
from edgekit.metrics.resamples import Counts, Resamples

__all__ = [
    "METRICS", "Cases", "Counts", "Flags", "Floats", "Indices", "Metric", "Resamples", "cases",
    "plain",
]  # fmt: skip


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        measure: see `resamples.py`.
        gain: 1 when more is better, -1 when less is.
        title: for people.
        interval: whether the bootstrap's interval of its change covers the truth as often as it
            should; simulated in `tests/verification/test_coverage.py`.
        step: by how much one image that is decided otherwise changes it; None where it is not made
            of decisions.
        coarse: whether it is a share of one class: of so few images that its steps matter.
    """

    measure: Callable[[Resamples], Floats]
    gain: Literal[1, -1]
    title: str
    interval: bool = True
    step: Callable[[Cases], float] | None = None
    coarse: bool = False


METRICS: dict[str, Metric] = {
    "auc": Metric(auc, 1, "ROC AUC"),
    "ap": Metric(average_precision, 1, "average precision"),
    "eer": Metric(eer, -1, "equal error rate"),
    "tpr_at_fpr": Metric(tpr_at_fpr, 1, "TPR at 1% FPR", step=one_positive),
    "accuracy": Metric(accuracy, 1, "accuracy", step=one_image),
    "balanced_accuracy": Metric(balanced_accuracy, 1, "balanced accuracy", step=one_of_class),
    "f1": Metric(f1, 1, "F1", step=one_of_f1),
    "hter": Metric(hter, -1, "HTER", step=one_of_class),
    "apcer": Metric(apcer, -1, "APCER, worst attack", step=one_attack, coarse=True),
    "bpcer": Metric(bpcer, -1, "BPCER", step=one_bona_fide, coarse=True),
    "acer": Metric(acer, -1, "ACER", step=one_of_kind),
    "ece": Metric(ece, -1, "calibration error", interval=False),
}


def plain(name: str, scores: Floats, positives: Flags, threshold: float) -> float:
    """Return one metric of `METRICS` with every image counted once, all of one kind."""
    return one(name, cases(scores, positives, threshold))


def one(name: str, given: Cases) -> float:
    """Return one metric of `METRICS` with every image counted once."""
    ones = np.ones((1, len(given.scores)), dtype=np.int32)
    return float(METRICS[name].measure(Resamples(given, ones))[0])
