"""Decisions among more than two classes: the largest logit wins."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.verify.statistics import exact_interval, mcnemar


def class_figures(
    reference: NDArray[np.floating],
    artifact: NDArray[np.floating],
    labels: NDArray[np.int64],
    positive: int,
) -> dict[str, Any] | None:
    """Compare which class each model names.

    Args:
        reference: logits of the float model, [N, C].
        artifact: logits of the artifact, [N, C].
        labels: the true classes, [N].
        positive: index of the positive class.

    Returns:
        accuracy of both, `collapsed` (accuracy of both with all classes but the positive one taken
        as one), `changed` (share of images that get another class, with its interval) and
        McNemar's p-value; None with fewer than three classes, where the decision says it all, and
        where logits are not finite.
    """
    if reference.shape[1] < 3 or not (np.isfinite(reference).all() and np.isfinite(artifact).all()):
        return None
    before, after = reference.argmax(axis=1), artifact.argmax(axis=1)
    changed, images = int(np.sum(before != after)), len(labels)
    right, now_right = before == labels, after == labels
    truth = labels == positive
    return {
        "accuracy": {"reference": float(right.mean()), "artifact": float(now_right.mean())},
        "collapsed": {
            "reference": float(np.mean((before == positive) == truth)),
            "artifact": float(np.mean((after == positive) == truth)),
        },
        "changed": {
            "count": changed,
            "rate": changed / images,
            "ci95": list(exact_interval(changed, images)),
        },
        "mcnemar_p": mcnemar(int(np.sum(right & ~now_right)), int(np.sum(~right & now_right))),
    }
