"""One pair: two artifacts timed in one fresh process.

They take turns in blocks A B B A of a few milliseconds, so that whatever slows the machine down
slows both. Fresh processes, one per pair, and turns in who is loaded first, let what a
process happens to get (addresses, caches, a core) average out over the pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Run, RunnerResult
from edgekit.devices.request import UNTIL_STABLE, Request
from edgekit.manifest import GOLDEN
from edgekit.performance.settings import BenchSettings

# Interruptions only ever add time, so a low quantile says more about an artifact than the median
# (Chen and Revels, "Robust benchmarking in noisy environments", 2016, who take the minimum).
QUANTILE = 25.0


@dataclass(frozen=True)
class Pair:
    """What one pair showed.

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


def level(times: Sequence[float]) -> float:
    """Return the time of an undisturbed run: the lower quartile."""
    return float(np.percentile(times, QUANTILE))


def measure_pair(
    run: Run, bundle: Path, against: Path | None, settings: BenchSettings, number: int
) -> Pair:
    """Measure the pair of that number.

    Args:
        run: the Device's.
        bundle: the bundle in question.
        against: the other; None to time the bundle alone.
        settings: runs, warm-up and threads.
        number: even ones begin with the bundle in question, odd ones with the other.
    """
    if against is None:
        return Pair(once(run, bundle, timing(settings)))
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


def _together(run: Run, bundle: Path, against: Path, settings: BenchSettings, swap: bool) -> Pair:
    result = once(run, bundle, replace(timing(settings), against=against, swap=swap))
    blocks = result.timing["pair"]
    own, other = (
        np.log([level(block) for block in blocks[name]]).reshape(-1, 2).mean(axis=1)
        for name in ("own", "other")
    )
    others = [value for block in blocks["other"] for value in block]
    return Pair(result, float(np.median(own - other)), level(others))
