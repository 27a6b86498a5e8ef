"""The ratio of two series of times that were taken in turns."""

from collections.abc import Sequence

import numpy as np

from edgekit.performance.ratio import ratio_of_logs
from edgekit.results.ratio import Ratio


def paired_ratio(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return first / second over rounds, with Student's t interval of the logarithms.

    Args:
        first: one positive figure per round.
        second: the other figure of each round; two rounds at least.
    """
    return ratio_of_logs(np.log(np.asarray(first)) - np.log(np.asarray(second)))
