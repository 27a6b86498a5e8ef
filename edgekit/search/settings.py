"""The `[search]` table of the project file."""

from typing import Annotated

from pydantic import Field

from edgekit.settings import Settings

Count = Annotated[int, Field(gt=0)]


class SearchSettings(Settings):
    """How long and how carefully the precision search measures.

    Attributes:
        seconds: no new trial starts after that; what was tried before counts on.
        samples: held-out samples that are looked at, at most; 0 for all.
        rounds: turns in which a candidate and the fp32 artifact are timed.
        runs: inferences in each turn, of which the fastest counts.
        threads: threads of the runtime.
        timeout_s: when a candidate that hangs is given up, seconds.
    """

    seconds: Annotated[float, Field(gt=0)] = 480.0
    samples: Annotated[int, Field(ge=0)] = 400
    rounds: Annotated[int, Field(ge=3)] = 25
    runs: Count = 4
    threads: Count = 1
    timeout_s: Annotated[float, Field(gt=0)] = 300.0
