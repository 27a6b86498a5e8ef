"""Cycles that instructions would take on a core: modelled from Arm's figures, never timed.

The model is that of a roofline over the core's pipes: the busiest one sets the time, and all others
hide behind it. It knows neither caches nor dependencies, nor a branch that was guessed wrong. What
that is worth stands in docs/latency.md, beside published times.
"""

from collections.abc import Mapping

from edgekit.devices.cores import Cost


def cycles(classes: Mapping[str, float], cost: Cost | None) -> float | None:
    """Return the cycles of an inference, None where they cannot be modelled.

    Args:
        classes: instructions of an inference, by class.
        cost: what the core takes for each; None where nobody published that.
    """
    busy = None if cost is None else by_pipe(classes, cost)
    return max(busy.values()) if busy else None


def by_pipe(classes: Mapping[str, float], cost: Cost) -> dict[str, float] | None:
    """Return the cycles that each pipe is busy, None where a class that occurs has no cost."""
    busy = dict.fromkeys(cost.pipes, 0.0)
    for name, number in classes.items():
        if number and name not in cost.classes:
            return None
        for pipe, operations in cost.classes.get(name, {}).items():
            busy[pipe] += number * operations / cost.pipes[pipe]
    return busy
