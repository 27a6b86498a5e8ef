"""What a gate lets pass: by how much each figure may get worse."""

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from edgekit.errors import InputError
from edgekit.settings import Settings

Kind = Literal["varying", "relative", "share"]
# What each figure is: an amount that varies or one that does not, of which more is worse, or a
# share of 1 of which less is worse. A new figure is one line here, one field below and its value in
# `gate.py`.
KINDS: dict[str, Kind] = {
    "latency": "varying",
    "size": "relative",
    "memory": "varying",
    "instructions": "relative",
    "cache_misses": "relative",
    "auc": "share",
    "accuracy": "share",
}
GENERAL = ("latency", "size", "memory")


class Limits(Settings):
    """By which share each figure may get worse.

    Attributes:
        latency: of the time of an inference.
        size: of the artifact.
        memory: of the peak memory of a process that runs it.
        instructions: per inference; they do not vary, so little is enough to see a change.
        cache_misses: per inference; they do vary.
        auc: of the area under the ROC curve; not relative.
        accuracy: of the decisions; not relative.
    """

    latency: float = Field(0.03, gt=0, lt=10)
    size: float = Field(0.03, gt=0, lt=10)
    memory: float = Field(0.03, gt=0, lt=10)
    instructions: float = Field(0.005, gt=0, lt=10)
    cache_misses: float = Field(0.2, gt=0, lt=10)
    auc: float = Field(0.005, gt=0, lt=1)
    accuracy: float = Field(0.01, gt=0, lt=1)


def parse_limits(given: Sequence[str]) -> Limits:
    """Read what `--max-regression` was given.

    Args:
        given: `3%` for latency, size and memory, `instructions=1%` for one figure; the later wins.

    Raises:
        InputError: when one is no percentage, or of no figure.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, amount = text.rpartition("=")
        if equals and name not in KINDS:
            raise InputError(
                f"--max-regression {text}: there is no figure {name!r}",
                f"Use one of {', '.join(KINDS)}",
            )
        names = (name,) if equals else GENERAL
        found |= dict.fromkeys(names, _percent(amount, text))
    return Limits.parse(found, "--max-regression")


def _percent(amount: str, text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?%", amount) or float(amount[:-1]) == 0:
        raise InputError(
            f"--max-regression {text}: {amount!r} is no percentage above 0",
            "Write it like 3% or instructions=0.5%",
        )
    return float(amount[:-1]) / 100
