"""Decisions among more than two classes: the largest logit wins."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edgekit.figure import Share
from edgekit.results.classes import Both, ClassAgreement, Move, OfClass
from edgekit.signature import Signature
from edgekit.verification.figures import share_figure, uneven_p
from edgekit.verification.groups import Groups

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
        groups: number of each image's group, [N]; None where every image stands by itself.
    """

    names: tuple[str, ...]
    positive: int
    labels: Indices
    reference: NDArray[np.floating]
    artifact: NDArray[np.floating]
    groups: Groups | None = None

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
    groups: Groups | None = None,
) -> Classes | None:
    """Put outputs of three classes and more beside each other; None with fewer.

    Args:
        reference: outputs of the float model, [N, C].
        artifact: outputs of the artifact, [N, C].
        labels: the true classes, [N].
        signature: names the classes.
        groups: number of each image's group, [N].
    """
    if reference.shape[1] < 3:
        return None
    positive = signature.classes.index(signature.positive)
    return Classes(signature.classes, positive, labels, reference, artifact, groups)


def class_flip_figure(classes: Classes, budget: float | None) -> Share:
    """Judge the share of images that the artifact gives another class than the reference."""
    if not classes.finite:
        return share_figure("class_flips", None, budget)
    before, after = classes.called
    moved = np.abs(classes.artifact - classes.reference).max(axis=1).astype(np.float64)
    return share_figure("class_flips", before != after, budget, classes.groups, moved)


def class_agreement(classes: Classes | None) -> ClassAgreement | None:
    """Describe which class each model names.

    None with fewer than three classes, where the decision says it all, and where outputs are not
    finite.
    """
    if classes is None or not classes.finite:
        return None
    (before, after), labels = classes.called, classes.labels
    right, now_right = before == labels, after == labels
    truth = labels == classes.positive
    return ClassAgreement(
        accuracy=_both(right, now_right),
        collapsed=_both(
            (before == classes.positive) == truth, (after == classes.positive) == truth
        ),
        changed=class_flip_figure(classes, None),
        mcnemar_p=uneven_p(right & ~now_right, ~right & now_right, classes.groups),
        by_class={name: _of_class(classes, place) for place, name in enumerate(classes.names)},
        confusion=_confusion(classes),
    )


def _of_class(classes: Classes, place: int) -> OfClass:
    own = classes.labels == place
    before, after = (called[own] for called in classes.called)
    return OfClass(
        images=int(own.sum()),
        recall=_both(before == place, after == place),
        changed=int(np.sum(before != after)),
    )


def _confusion(classes: Classes) -> tuple[Move, ...]:
    before, after = classes.called
    moves = Counter((int(a), int(b)) for a, b in zip(before, after, strict=True) if a != b)
    names = classes.names
    return tuple(
        Move(before=names[a], after=names[b], count=count) for (a, b), count in moves.most_common()
    )


def _both(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Both:
    if not len(before):
        return Both(reference=None, artifact=None)
    return Both(reference=float(before.mean()), artifact=float(after.mean()))
