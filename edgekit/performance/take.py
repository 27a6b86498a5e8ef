"""Take the measurements of a bundle: launches of its own, then pairs until they decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edgekit.devices.device import Run, RunnerResult
from edgekit.performance.looks import until_decided
from edgekit.performance.pairs import Pair, measure_pair, once, timing
from edgekit.performance.settings import BenchSettings
from edgekit.results.ratio import Ratio

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Measured:
    """Everything that was taken of a bundle, and of the one it is held against.

    Attributes:
        pairs: in the order they were taken.
        ratio: over the other; None without another.
        launches: short processes with nothing but this artifact in them.
        others: those of the other.
    """

    pairs: list[Pair]
    ratio: Ratio | None
    launches: list[RunnerResult]
    others: list[RunnerResult]


def take(
    run: Run,
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    progress: Progress | None = None,
) -> Measured:
    """Start the launches, then the pairs until they decide or the last look.

    An artifact that crashes does so in a launch, where nothing else can be to blame.
    """
    launches = [_launch(run, bundle, settings) for _ in range(settings.launches)]
    others = [_launch(run, against, settings) for _ in range(settings.launches) if against]
    pairs, ratio = take_pairs(run, bundle, against, settings, progress)
    return Measured(pairs, ratio, launches, others)


def take_pairs(
    run: Run,
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    progress: Progress | None = None,
) -> tuple[list[Pair], Ratio | None]:
    """Measure pairs until they say whether the ratio is within `max_ratio`, or the last look.

    What a latency is, is decided here for the gate and for the precision search alike.

    Returns:
        the pairs, and the ratio; None without another bundle.
    """
    pairs: list[Pair] = []

    def pair(number: int) -> float:
        pairs.append(measure_pair(run, bundle, against, settings, number))
        if progress:
            progress(len(pairs), settings.max_pairs if against else settings.pairs)
        return pairs[-1].log_ratio or 0.0

    if against is None:
        for number in range(settings.pairs):
            pair(number)
        return pairs, None
    ratio, _ = until_decided(pair, settings.pairs, settings.max_pairs, settings.max_ratio)
    return pairs, ratio


def _launch(run: Run, bundle: Path, settings: BenchSettings) -> RunnerResult:
    """Start a process for what only a fresh one shows; three runs, since first uses allocate."""
    return once(run, bundle, replace(timing(settings), warmup=0, runs=3))


def levels(pairs: Sequence[Pair]) -> tuple[list[float], list[float] | None]:
    """Return what shows the machine rather than the artifact, milliseconds, and the pairs' logs."""
    logs = [pair.log_ratio for pair in pairs if pair.log_ratio is not None]
    levels = [pair.own_ms if pair.other_ms is None else pair.other_ms for pair in pairs]
    return levels, logs or None
