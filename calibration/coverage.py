"""Whether calibration saw enough: how far ranges moved over the last quarter of the samples.

The last quarter is drawn by the hash of the samples' names, not by their place in the folder, where
one class comes after the other. So it is a fair sample of the whole, and the report is the same for
any order of the samples.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgekit.calibration.ranges import Ranges
from edgekit.settings import Json

# A range that grew by more than this share of itself has not settled.
LIMIT = 0.01
_SHOWN = 5
_FEWEST = 4


def last_quarter(names: Iterable[str]) -> frozenset[str]:
    """Return the names of the samples that come last; a quarter of them, rounded down."""
    ordered = sorted(names, key=lambda name: (_hash(name), name))
    return frozenset(ordered[len(ordered) - len(ordered) // 4 :])


def _hash(name: str) -> bytes:
    """Hash a file's name, which may hold bytes that are no Unicode."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()


@dataclass(frozen=True)
class Coverage:
    """What a user should know about a calibration.

    Attributes:
        samples: how many were seen.
        data_sha256: content hash of the samples.
        tensors: how many have a range of their own.
        grew: how many ranges the last quarter widened by more than LIMIT.
        worst: those that it widened most, with growth as a share of the range before it; infinite
            when there was none.
        constant: tensors that hold one value everywhere on all samples.
        empty_channels: tensors with channels that are 0 everywhere on all samples, and how many.
    """

    samples: int
    data_sha256: str
    tensors: int
    grew: int
    worst: tuple[tuple[str, float], ...]
    constant: tuple[str, ...]
    empty_channels: dict[str, int]

    @property
    def notes(self) -> tuple[str, ...]:
        """The above in a line each; the first one is the verdict."""
        return (self._verdict(), *self._remarks())

    def _verdict(self) -> str:
        if self.samples == 1:
            return "ranges of one sample: any other may go beyond them; use more"
        if self.samples < _FEWEST:
            return f"{self.samples} samples are too few to tell whether ranges have settled"
        if not self.grew:
            return "ranges have settled: none grew by more than 1% in the last quarter"
        return (
            f"{self.grew} of {self.tensors} tensors still grew by more than {LIMIT:.0%} in the "
            f"last quarter (most: {self._most()}): use more images"
        )

    def _most(self) -> str:
        name, growth = self.worst[0]
        return f"{name} by {growth:.1%}" if math.isfinite(growth) else f"{name}, 0 before"

    def _remarks(self) -> Iterator[str]:
        if self.constant:
            yield f"{_named(self.constant)} never changes: a layer without effect"
        if self.empty_channels:
            total = sum(self.empty_channels.values())
            yield f"{total} channels are always 0, in {_named(tuple(self.empty_channels))}"

    def to_json(self) -> Json:
        """Return what the command line's JSON shows; growth without bound is null."""
        return {
            "samples": self.samples,
            "data_sha256": self.data_sha256,
            "tensors": self.tensors,
            "grew": self.grew,
            "limit": LIMIT,
            "worst": [
                {"tensor": name, "growth": growth if math.isfinite(growth) else None}
                for name, growth in self.worst
            ],
            "constant": list(self.constant),
            "empty_channels": self.empty_channels,
            "notes": list(self.notes),
        }


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def coverage(ranges: Ranges) -> Coverage:
    """Report on Ranges; takes no image and milliseconds."""
    growth = sorted(_growth(ranges), key=lambda row: (-row[1], row[0]))
    histograms = {name: ranges.histograms[name] for name, _ in growth}
    empty = {
        name: int(((channels.low == 0) & (channels.high == 0)).sum())
        for name, channels in ranges.channels.items()
    }
    return Coverage(
        samples=ranges.samples,
        data_sha256=ranges.data_sha256,
        tensors=len(growth),
        grew=sum(share > LIMIT for _, share in growth),
        worst=tuple(row for row in growth[:_SHOWN] if row[1] > 0),
        constant=tuple(name for name, seen in histograms.items() if seen.low == seen.high),
        empty_channels={name: count for name, count in empty.items() if count},
    )


def _growth(ranges: Ranges) -> Iterator[tuple[str, float]]:
    """Yield how much wider each range is than without the last quarter."""
    for name, (low, high) in ranges.early.items():
        histogram = ranges.histograms[name]
        added = (histogram.high - histogram.low) - (high - low)
        yield name, added / (high - low) if high > low else math.inf if added else 0.0
