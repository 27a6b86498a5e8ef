"""Decisions among more than two classes: the largest logit wins."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.signature import Signature
from edgekit.verify.figures import Figure, share_figure
from edgekit.verify.statistics import exact_interval, mcnemar

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Classes:
    """Which class reference and artifact name of the same N images.

    Attributes:
        names: C classes.
        positive: index of the positive one.
        labels: the true classes, [N].
        reference: outputs of the float model, one column a class, [N, C].
        artifact: outputs of the artifact, [N, C].
    """

    names: tuple[str, ...]
    positive: int
    labels: Indices
    reference: NDArray[np.floating]
    artifact: NDArray[np.floating]

    @property
    def finite(self) -> bool:
        """Whether both can be compared at all."""
        return bool(np.isfinite(self.reference).all() and np.isfinite(self.artifact).all())

    @cached_property
    def called(self) -> tuple[Indices, Indices]:
        """The classes that reference and artifact name, [N] each."""
        return self.reference.argmax(axis=1), self.artifact.argmax(axis=1)


def classes_of(
    reference: NDArray[np.floating],
    artifact: NDArray[np.floating],
    labels: Indices,
    signature: Signature,
) -> Classes | None:
    """Put outputs of three classes and more beside each other; None with fewer.

    Args:
        reference: outputs of the float model, [N, C].
        artifact: outputs of the artifact, [N, C].
        labels: the true classes, [N].
        signature: names the classes.
    """
    if reference.shape[1] < 3:
        return None
    positive = signature.classes.index(signature.positive)
    return Classes(signature.classes, positive, labels, reference, artifact)


def class_flip_figure(classes: Classes, budget: float) -> Figure:
    """Judge the share of images that the artifact gives another class than the reference."""
    if not classes.finite:
        return share_figure(None, len(classes.labels), budget)
    before, after = classes.called
    return share_figure(int(np.sum(before != after)), len(classes.labels), budget)


def class_figures(classes: Classes | None) -> dict[str, Any] | None:
    """Describe which class each model names.

    Returns:
        accuracy of both, `collapsed` (accuracy of both with all classes but the positive one taken
        as one), `changed` (share of images that get another class, with its interval), McNemar's
        p-value, `by_class` (see `_of_class`) and `confusion`: of the images that get another class
        how many go `from` which `to` which, the most frequent first. None with fewer than three
        classes, where the decision says it all, and where outputs are not finite.
    """
    if classes is None or not classes.finite:
        return None
    (before, after), labels = classes.called, classes.labels
    changed, images = int(np.sum(before != after)), len(labels)
    right, now_right = before == labels, after == labels
    truth = labels == classes.positive
    return {
        "accuracy": _both(right, now_right),
        "collapsed": _both(
            (before == classes.positive) == truth, (after == classes.positive) == truth
        ),
        "changed": {
            "count": changed,
            "rate": changed / images,
            "ci95": list(exact_interval(changed, images)),
        },
        "mcnemar_p": mcnemar(int(np.sum(right & ~now_right)), int(np.sum(~right & now_right))),
        "by_class": {name: _of_class(classes, place) for place, name in enumerate(classes.names)},
        "confusion": _confusion(classes),
    }


def _of_class(classes: Classes, place: int) -> dict[str, Any]:
    """Return a class's `images`, its `recall` by both models and how many images `changed`."""
    own = classes.labels == place
    before, after = (called[own] for called in classes.called)
    return {
        "images": int(own.sum()),
        "recall": _both(before == place, after == place),
        "changed": int(np.sum(before != after)),
    }


def _confusion(classes: Classes) -> list[dict[str, Any]]:
    before, after = classes.called
    moves = Counter((int(a), int(b)) for a, b in zip(before, after, strict=True) if a != b)
    return [
        {"from": classes.names[a], "to": classes.names[b], "count": count}
        for (a, b), count in moves.most_common()
    ]


def _both(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, float | None]:
    if not len(before):
        return {"reference": None, "artifact": None}
    return {"reference": float(before.mean()), "artifact": float(after.mean())}
