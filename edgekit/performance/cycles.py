"""Cycles that instructions would take on a core: modelled from Arm's figures, never timed.

Every instruction takes one over its throughput, and none runs beside another class's. A core does
more at once, but not all that it could: of the published times, this model keeps the ratios better
than one where the busiest pipe hides all others (docs/latency.md has the figures). It knows neither
caches nor dependencies, nor branches that were guessed wrong.
"""

from collections.abc import Mapping

from edgekit.devices.cores import Cost


def cycles(classes: Mapping[str, float] | None, cost: Cost | None) -> float | None:
    """Return the cycles of an inference.

    Args:
        classes: instructions of an inference, by class; None where nobody told them apart.
        cost: what the core takes for each; None where nobody published that.

    Returns:
        None where they cannot be modelled, also because a class that occurs has no cost.
    """
    if classes is None or cost is None:
        return None
    found = {name: number for name, number in classes.items() if number}
    if set(found) - set(cost.cycles):
        return None
    return sum(number * cost.cycles[name] for name, number in found.items())
