"""Whether an artifact keeps its speed: the first minute of a long run against the last."""

from collections.abc import Sequence

from edgekit.performance.ratio import unpaired_ratio
from edgekit.results.timing import Sustained

SLOWER = 1.05  # what counts as throttling
MINUTE = 60.0


def first_against_last(rows: Sequence[Sequence[float]]) -> Sustained:
    """Compare the ends of a run without a pause.

    Args:
        rows: seconds since the start, median milliseconds and runs of each bin, in order; four at
            least. A run of less than two minutes is cut in halves.
    """
    length = rows[-1][0]
    part = min(MINUTE, length / 2)
    first = [row[1] for row in rows if row[0] <= part]
    last = [row[1] for row in rows if row[0] > length - part]
    ratio = unpaired_ratio(last, first)
    return Sustained(
        minutes=length / MINUTE,
        runs=int(sum(row[2] for row in rows)),
        first_ms=_middle(first),
        last_ms=_middle(last),
        ratio=ratio.value,
        interval=ratio.interval,
        throttled=ratio.low > SLOWER,
    )


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
