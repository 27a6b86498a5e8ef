"""The `[bench]` table of the project file."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from edgekit.settings import Settings

Count = Annotated[int, Field(gt=0)]


class BenchSettings(Settings):
    """How latency is measured and judged.

    Attributes:
        pairs: interleaved pairs, each in a fresh process, before the first look at the interval.
        max_pairs: pairs after which an open question stays open; never fewer than `pairs`.
        runs: timed inferences of each artifact in each pair.
        warmup: untimed ones before them; None for as many as it takes until the times settle.
        launches: processes of its own for load time, cold start and peak memory.
        threads: threads of the runtime.
        batch: images at once for the throughput of a batch; 1 for none.
        max_ratio: the artifact's latency over its fp32 sibling's may not be larger.
        max_p50_ms: median latency may not be larger, milliseconds; None for no such budget.
    """

    pairs: Annotated[int, Field(ge=2)] = 10
    max_pairs: Annotated[int, Field(ge=2)] = 40
    runs: Count = 100
    warmup: Annotated[int, Field(ge=0)] | None = None
    launches: Count = 3
    threads: Count = 1
    batch: Count = 1
    max_ratio: Annotated[float, Field(gt=0)] = 1.0
    max_p50_ms: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.max_pairs < self.pairs:
            raise ValueError(f"max_pairs {self.max_pairs} is less than pairs {self.pairs}")
        return self
