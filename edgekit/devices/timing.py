"""What a runner found beside its times; the JSON is the runner's `timing`."""

from typing import Annotated

from pydantic import AliasChoices, Field

from edgekit.record import Record
from edgekit.settings import Json

_PAIR = Field(validation_alias=AliasChoices("turns", "pair"), serialization_alias="pair")
Blocks = tuple[tuple[float, ...], ...]


class Warmup(Record):
    """Untimed runs before the timed ones.

    Attributes:
        runs: how many it took.
        stable: whether the times had settled; None where nobody looked.
    """

    runs: int = 0
    stable: bool | None = None


class Turns(Record):
    """Two artifacts timed in one process, in blocks A B B A; milliseconds, two blocks a round.

    Attributes:
        own: the artifact in question.
        other: the one that it is held against.
    """

    own: Blocks
    other: Blocks


class BatchTimes(Record):
    """Several samples at once.

    Attributes:
        size: how many.
        times_ms: one figure per timed run.
        error: why the artifact does not take them; None where it does.
    """

    size: int
    times_ms: tuple[float, ...] = ()
    error: str | None = None


class Timing(Record):
    """What a runner found beside the times themselves.

    Attributes:
        environment: its record of the machine; see `runner/machine.py`.
        cold_start_ms: from the start of the process to the first result, milliseconds.
        warmup: how it was warmed up.
        turns: where it was timed against another artifact.
        batch: where several samples at once were asked for.
        sustained: of a run without a pause, a row per second: seconds since the start, median
            milliseconds, runs.
        load_average_after: of the machine at the end; None where it has none.
    """

    environment: Json = Field(default_factory=dict)
    cold_start_ms: float = 0.0
    warmup: Warmup = Warmup()
    turns: Annotated[Turns | None, _PAIR] = None
    batch: BatchTimes | None = None
    sustained: tuple[tuple[float, float, int], ...] = ()
    load_average_after: tuple[float, ...] | None = None

    @property
    def instruction_sets(self) -> tuple[str, ...]:
        """What the processor offers, as numpy names it."""
        found = self.environment.get("instruction_sets")
        return tuple(map(str, found)) if isinstance(found, list) else ()
