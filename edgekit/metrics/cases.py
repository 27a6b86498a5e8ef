"""One model's scores on images whose classes are known, and how they stand to one another.

What depends on the scores alone is worked out once here; `resamples.py` adds how often each image
was drawn. Ties are exact everywhere: equal scores stand or fall together.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

BINS = 15  # of the calibration error


@dataclass(frozen=True)
class Cases:
    """One model's scores on N images, and what is true of them: P positives and M others.

    Attributes:
        scores: float64 [N].
        positives: bool [N].
        threshold: an image is called positive when its score is at or above it.
        kinds: number of each image's slice, intp [N]: the kind of attack among the positives.
    """

    scores: Floats
    positives: Flags
    threshold: float
    kinds: Indices

    def at(self, chosen: Indices | Flags) -> "Cases":
        """Return some of the images, or all in another order."""
        scores, positives, kinds = self.scores[chosen], self.positives[chosen], self.kinds[chosen]
        return Cases(scores, positives, self.threshold, kinds)

    @cached_property
    def upper(self) -> Indices:
        """The positives, highest score first, [P]."""
        return ranked(self.scores, self.positives)

    @cached_property
    def lower(self) -> Indices:
        """The others, highest score first, [M]."""
        return ranked(self.scores, ~self.positives)

    @cached_property
    def called(self) -> tuple[int, int]:
        """How many positives and how many others are called positive."""
        marks = np.array([self.threshold])
        upper = _reached(self.scores[self.upper], marks, ties=True)
        return int(upper[0]), int(_reached(self.scores[self.lower], marks, ties=True)[0])

    @cached_property
    def above(self) -> Indices:
        """For each positive of `upper`, how many others score above it, [P]."""
        return _reached(self.scores[self.lower], self.scores[self.upper], ties=False)

    @cached_property
    def level(self) -> Indices:
        """For each positive of `upper`, how many others score at or above it, [P]."""
        return _reached(self.scores[self.lower], self.scores[self.upper], ties=True)

    @cached_property
    def tied(self) -> bool:
        """Whether a positive and another image have the same score."""
        return not np.array_equal(self.above, self.level)

    @cached_property
    def peers(self) -> Indices:
        """For each positive of `upper`, how many positives score at or above it, [P]."""
        scores = self.scores[self.upper]
        return _reached(scores, scores, ties=True)

    @cached_property
    def distinct(self) -> bool:
        """Whether no two positives have the same score."""
        return np.array_equal(self.peers, np.arange(1, len(self.peers) + 1))

    @cached_property
    def misses(self) -> "Segments":
        """The positives of `upper` by kind, those found before those missed: 2 x kind + missed."""
        kinds = np.unique(self.kinds[self.upper], return_inverse=True)[1].reshape(-1)
        return Segments.of(kinds * 2 + (np.arange(len(kinds)) >= self.called[0]))

    @cached_property
    def excess(self) -> tuple["Excess", "Excess"]:
        """How far the scores of `upper` and of `lower` are above the truth."""
        parts = ((self.upper, 1.0), (self.lower, 0.0))
        upper, lower = (Excess.of(self.scores[order], truth) for order, truth in parts)
        return upper, lower

    @cached_property
    def steps(self) -> tuple[Indices, Indices]:
        """Positives and others at or above each threshold of the ROC curve, [T + 1] each.

        The thresholds are none, then every score, downward.
        """
        marks = np.unique(self.scores)[::-1]
        members = (self.upper, self.lower)
        upper, lower = (
            np.concatenate([[0], _reached(self.scores[of], marks, ties=True)]) for of in members
        )
        return upper, lower


@dataclass(frozen=True)
class Segments:
    """Places brought together by a key that they have.

    Attributes:
        order: the places, key by key, intp [N].
        starts: where each run of one key starts in `order`, intp [K].
        keys: the keys, rising, [K].
    """

    order: Indices
    starts: Indices
    keys: Indices

    @classmethod
    def of(cls, keys: Indices) -> "Segments":
        """Sort places by key."""
        order = np.argsort(keys, kind="stable")
        found, starts = np.unique(keys[order], return_index=True)
        return cls(order, starts, found)


@dataclass(frozen=True)
class Excess:
    """How far one class's falling scores are above the truth, which puts them bin by bin.

    Attributes:
        gaps: score - truth, float64 [N].
        starts: where each bin that has scores starts, intp [K].
        bins: their numbers, falling, intp [K].
    """

    gaps: Floats
    starts: Indices
    bins: Indices

    @classmethod
    def of(cls, falling: Floats, truth: float) -> "Excess":
        """Find the bins of falling scores."""
        bins = np.clip((falling * BINS).astype(np.intp), 0, BINS - 1)
        starts = np.flatnonzero(np.diff(bins, prepend=BINS))
        return cls(falling - truth, starts, bins[starts])


def cases(
    scores: Floats, positives: Flags, threshold: float, kinds: Indices | None = None
) -> Cases:
    """Bring together what metrics measure; all images are of one kind unless said otherwise."""
    one = np.zeros(len(scores), dtype=np.intp)
    return Cases(scores, positives, threshold, one if kinds is None else kinds)


def ranked(scores: Floats, members: Flags) -> Indices:
    """Indices of the members, highest score first."""
    chosen = np.flatnonzero(members)
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")])


def _reached(falling: Floats, marks: Floats, *, ties: bool) -> Indices:
    """How many of falling scores are above (with `ties`: or at) each of the scores `marks`."""
    side: Literal["left", "right"] = "right" if ties else "left"
    return np.searchsorted(-falling, -marks, side=side)
