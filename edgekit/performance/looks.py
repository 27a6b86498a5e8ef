"""When to look at an interval that is still growing, and how much each look costs.

Who looks again and again until an interval says what he hopes for finds it sooner or later. A
group-sequential design fixes the looks beforehand and spends the permitted error on them (Lan and
DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983). Here each look
gets an equal share of 5%: by the union bound all intervals together hold the true ratio in at least
95 of 100 measurements, whatever their dependence.
"""

from collections.abc import Callable

from edgekit.performance.ratio import ratio_of_logs
from edgekit.results.ratio import Ratio
from edgekit.verdict import Verdict

ERROR = 0.05
GROWTH = 1.5


def looks(first: int, most: int) -> list[int]:
    """Return the numbers of pairs after which to look: half as many again each time."""
    found = [first]
    while found[-1] < most:
        found.append(min(most, int(found[-1] * GROWTH + 1)))
    return found


def until_decided(
    pair: Callable[[int], float], first: int, most: int, limit: float
) -> tuple[Ratio, list[float]]:
    """Measure pairs until the interval leaves the limit out, or the last look.

    Args:
        pair: measures the pair of that number; returns the logarithm of its ratio.
        first: pairs before the first look.
        most: pairs before the last.
        limit: the ratio in question.

    Returns:
        the ratio with an interval that pays for every look, and the logarithms.
    """
    plan = looks(first, most)
    logs: list[float] = []
    for count in plan:
        logs += [pair(number) for number in range(len(logs), count)]
        ratio = ratio_of_logs(logs, 1 - ERROR / len(plan))
        if ratio.verdict(limit)[0] is not Verdict.INCONCLUSIVE:
            break
    return ratio, logs
