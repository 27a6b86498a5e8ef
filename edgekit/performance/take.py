"""How a latency is taken: launches of the bundle alone, then duets until they decide.

A duet is two artifacts timed in one fresh process: the word is of Bulej et al., "Duet Benchmarking:
Improving Measurement Accuracy in the Cloud" (ICPE 2020), where the two run side by side. Here they
take turns in blocks A B B A of a few milliseconds, so that whatever slows the machine down slows
both. Fresh processes, one per duet, and turns in who is loaded first, let what a process happens to
get (addresses, caches, a core) average out over the duets. The settings and the JSON count them as
`pairs`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Run, RunnerResult
from edgekit.devices.request import UNTIL_STABLE, Request
from edgekit.manifest import GOLDEN
from edgekit.performance.ratio import level, until_decided
from edgekit.performance.settings import BenchSettings
from edgekit.progress import Progress
from edgekit.results.ratio import Ratio


@dataclass(frozen=True)
class Duet:
    """What one duet showed.

    Attributes:
        own: the run of the artifact in question.
        log_ratio: logarithm of its time over the other's; None without another.
        other_ms: the other's level, milliseconds.
    """

    own: RunnerResult
    log_ratio: float | None = None
    other_ms: float | None = None

    @property
    def own_ms(self) -> float:
        """The level of the artifact in question, milliseconds."""
        return level(self.own.times_ms)


@dataclass(frozen=True)
class Taken:
    """Everything that was taken of a bundle, and of the one it is held against.

    Attributes:
        duets: in the order they were taken.
        ratio: over the other; None without another.
        launches: short processes with nothing but this artifact in them.
        others: those of the other.
    """

    duets: list[Duet]
    ratio: Ratio | None
    launches: list[RunnerResult]
    others: list[RunnerResult]


def take(
    run: Run,
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    progress: Progress | None = None,
) -> Taken:
    """Start the launches, then the duets until they decide or the last look.

    An artifact that crashes does so in a launch, where nothing else can be to blame.
    """
    launches = [_launch(run, bundle, settings) for _ in range(settings.launches)]
    others = [_launch(run, against, settings) for _ in range(settings.launches) if against]
    duets, ratio = take_duets(run, bundle, against, settings, progress)
    return Taken(duets, ratio, launches, others)


def take_duets(
    run: Run,
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    progress: Progress | None = None,
) -> tuple[list[Duet], Ratio | None]:
    """Measure duets until they say whether the ratio is within `max_ratio`, or the last look.

    What a latency is, is decided here for the gate and for the precision search alike.

    Returns:
        the duets, and the ratio; None without another bundle.
    """
    duets: list[Duet] = []

    def duet(number: int) -> float:
        duets.append(measure_duet(run, bundle, against, settings, number))
        if progress:
            progress(len(duets), settings.max_pairs if against else settings.pairs)
        return duets[-1].log_ratio or 0.0

    if against is None:
        for number in range(settings.pairs):
            duet(number)
        return duets, None
    ratio, _ = until_decided(duet, settings.pairs, settings.max_pairs, settings.max_ratio)
    return duets, ratio


def _launch(run: Run, bundle: Path, settings: BenchSettings) -> RunnerResult:
    """Start a process for what only a fresh one shows; three runs, since first uses allocate."""
    return once(run, bundle, replace(timing(settings), warmup=0, runs=3))


def measure_duet(
    run: Run, bundle: Path, against: Path | None, settings: BenchSettings, number: int
) -> Duet:
    """Measure the duet of that number.

    Args:
        run: the Device's.
        bundle: the bundle in question.
        against: the other; None to time the bundle alone.
        settings: runs, warm-up and threads.
        number: even ones begin with the bundle in question, odd ones with the other.
    """
    if against is None:
        return Duet(once(run, bundle, timing(settings)))
    return _together(run, bundle, against, settings, number % 2 == 1)


def timing(settings: BenchSettings) -> Request:
    """Return what the runner shall do to time one bundle."""
    warmup = UNTIL_STABLE if settings.warmup is None else settings.warmup
    return Request(threads=settings.threads, warmup=warmup, runs=settings.runs)


def once(run: Run, bundle: Path, request: Request) -> RunnerResult:
    """Run a bundle on its first golden sample."""
    return run(bundle, sample(bundle), request)


def sample(bundle: Path) -> dict[str, NDArray[np.float32]]:
    """Return a bundle's first golden sample, float32 [1, ...] by input name."""
    folder = bundle / GOLDEN / "inputs"
    return {path.stem: np.load(path, allow_pickle=False)[:1] for path in folder.glob("*.npy")}


def _together(run: Run, bundle: Path, against: Path, settings: BenchSettings, swap: bool) -> Duet:
    result = once(run, bundle, replace(timing(settings), against=against, swap=swap))
    turns = result.timing.turns
    assert turns is not None
    own, other = (
        np.log([level(block) for block in blocks]).reshape(-1, 2).mean(axis=1)
        for blocks in (turns.own, turns.other)
    )
    others = [value for block in turns.other for value in block]
    return Duet(result, float(np.median(own - other)), level(others))


def levels(duets: Sequence[Duet]) -> tuple[list[float], list[float] | None]:
    """Return what shows the machine rather than the artifact, milliseconds, and the duets' logs."""
    logs = [duet.log_ratio for duet in duets if duet.log_ratio is not None]
    levels = [duet.own_ms if duet.other_ms is None else duet.other_ms for duet in duets]
    return levels, logs or None
