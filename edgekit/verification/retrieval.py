"""Embeddings: does a search among the artifact's find what it finds among the student's?"""

import numpy as np
from numpy.typing import NDArray

from edgekit.results.verification import Retrieval
from edgekit.verification.groups import Groups

_MOST = 5000  # images: neighbours of all among all are more work than the models
_CHUNK = 512  # rows of similarities at a time
FEWEST = 8  # dimensions: less is a decision, not an embedding


def retrieval_agreement(
    reference: NDArray[np.floating],
    artifact: NDArray[np.floating],
    neighbours: int = 10,
    groups: Groups | None = None,
) -> Retrieval | None:
    """Compare each image's nearest neighbours by cosine, among the other images, 5,000 at most.

    Args:
        reference: embeddings of the float model, [N, D].
        artifact: of the artifact on the same images, [N, D].
        neighbours: how many are looked at; fewer where there are fewer images.
        groups: number of each image's group, [N]: an image's own group is not searched, because
            the next frame of the same video is easily found.

    Returns:
        None with fewer than 8 dimensions or 3 images, where embeddings are not finite, and where
        one group holds all but a few images.
    """
    reference, artifact = reference[:_MOST], artifact[:_MOST]
    count, size = reference.shape
    finite = np.isfinite(reference).all() and np.isfinite(artifact).all()
    if size < FEWEST or count < 3 or not finite:
        return None
    own = np.arange(count) if groups is None else groups[:_MOST]
    near = min(neighbours, count - int(np.bincount(own).max()))
    if near < 1:
        return None
    first = kept = 0.0
    sides = [_normalized(side) for side in (reference, artifact)]
    for start in range(0, count, _CHUNK):
        before, after = (_nearest(side, own, start, near) for side in sides)
        first += float(np.sum(before[:, 0] == after[:, 0]))
        same = (before[:, :, None] == after[:, None, :]).any(axis=2)
        kept += float(same.mean(axis=1).sum())
    return Retrieval(first=first / count, kept=kept / count)


def _normalized(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-30), dtype=np.float32)


def _nearest(rows: NDArray[np.float32], own: Groups, start: int, near: int) -> NDArray[np.intp]:
    """Return the neighbours of some images, nearest first, [n, near]."""
    similar = rows[start : start + _CHUNK] @ rows.T
    similar[own[start : start + len(similar), None] == own] = -np.inf
    found = np.argpartition(-similar, near - 1, axis=1)[:, :near]
    order = np.argsort(-np.take_along_axis(similar, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)
