"""The `[bench]` table of the project file."""

from typing import Annotated

from pydantic import Field

from edgekit.settings import Settings

Count = Annotated[int, Field(gt=0)]


class BenchSettings(Settings):
    """How latency is measured and judged.

    Attributes:
        pairs: interleaved pairs of fresh processes.
        runs: timed inferences in each process.
        warmup: untimed ones before them.
        threads: threads of the runtime.
        max_ratio: the artifact's latency over its fp32 sibling's may not be larger.
        max_p50_ms: median latency may not be larger, milliseconds; None for no such budget.
    """

    pairs: Annotated[int, Field(ge=2)] = 10
    runs: Count = 100
    warmup: Count = 20
    threads: Count = 1
    max_ratio: Annotated[float, Field(gt=0)] = 1.0
    max_p50_ms: Annotated[float, Field(gt=0)] | None = None
