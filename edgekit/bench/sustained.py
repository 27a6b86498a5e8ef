"""Whether an artifact keeps its speed: the first minute of a long run against the last."""

from collections.abc import Sequence
from typing import Any

from edgekit.bench.ratio import unpaired_ratio

SLOWER = 1.05  # what counts as throttling
MINUTE = 60.0


def first_against_last(rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Compare the ends of a run without a pause.

    Args:
        rows: seconds since the start, median milliseconds and runs of each bin, in order; four at
            least. A run of less than two minutes is cut in halves.

    Returns:
        medians of both ends, their ratio with its 95% interval, and whether the whole interval is
        above 1.05.
    """
    length = rows[-1][0]
    part = min(MINUTE, length / 2)
    first = [row[1] for row in rows if row[0] <= part]
    last = [row[1] for row in rows if row[0] > length - part]
    ratio = unpaired_ratio(last, first)
    return {
        "minutes": length / MINUTE,
        "runs": int(sum(row[2] for row in rows)),
        "first_ms": _middle(first),
        "last_ms": _middle(last),
        "ratio": ratio.value,
        "ci95": [ratio.low, ratio.high],
        "throttled": ratio.low > SLOWER,
    }


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
