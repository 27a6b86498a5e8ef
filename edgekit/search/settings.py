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
        pairs: interleaved pairs of a candidate and the fp32 artifact before the first look; the
            winner is timed once more as `[bench]` says.
        max_pairs: pairs after which an open question stays open.
        runs: timed inferences of each artifact in each pair.
        timeout_s: when a candidate that hangs is given up, seconds.
    """

    seconds: Annotated[float, Field(gt=0)] = 480.0
    samples: Annotated[int, Field(ge=0)] = 400
    pairs: Annotated[int, Field(ge=2)] = 4
    max_pairs: Annotated[int, Field(ge=2)] = 8
    runs: Count = 50
    timeout_s: Annotated[float, Field(gt=0)] = 300.0
