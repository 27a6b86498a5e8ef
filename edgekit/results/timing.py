"""What was timed and counted of a bundle besides its latency."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from edgekit.record import Ci95, Record
from edgekit.results.gate import Reading
from edgekit.results.operators import Operator
from edgekit.results.ratio import Ratio
from edgekit.settings import Json
from edgekit.verdict import Interval


class Noise(Record):
    """How steady the machine was.

    Attributes:
        spread: standard deviation of the levels' logarithm.
        pair_spread: that of the pairs' ratios; None without pairs.
        drift: last third over first third; None with few levels.
        throttled: it grew slower, surely and by 10% or more.
        noisy: levels spread by 10% or more.
    """

    spread: float
    pair_spread: float | None
    drift: float | None
    throttled: bool
    noisy: bool


class PerProcess(Record):
    """One figure per process.

    Attributes:
        latency_ms: level of each pair.
        peak_mem_bytes: of each launch.
        other_peak_mem_bytes: of each launch of the bundle that it is held against.
    """

    latency_ms: tuple[float, ...]
    peak_mem_bytes: tuple[int, ...] = ()
    other_peak_mem_bytes: tuple[int, ...] = ()


class Batch(Record):
    """Several images at once; `reason` says why the artifact does not take them."""

    OPTIONAL: ClassVar = frozenset({"reason", "p50_ms", "throughput_per_s"})

    size: int
    reason: str | None = None
    p50_ms: float | None = None
    throughput_per_s: float | None = None


class Sustained(Record):
    """The first minute of a long run against its last.

    Attributes:
        minutes: how long it ran.
        runs: inferences in all.
        first_ms: median of the first minute.
        last_ms: of the last.
        ratio: last over first.
        interval: 95% interval of the ratio.
        throttled: whether the whole interval is above 1.05.
    """

    minutes: float
    runs: int
    first_ms: float
    last_ms: float
    ratio: float
    interval: Ci95
    throttled: bool


class Against(Record):
    """The latency over another bundle's.

    Attributes:
        name: of the other.
        ratio: with its interval, which verdicts rest on.
        bootstrap: 95% interval by the bootstrap, a second opinion.
    """

    name: str
    ratio: Ratio
    bootstrap: Interval

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "ci95" not in value:
            return value
        low, high = value["ci95"]
        ratio = Ratio(value["ratio"], low, high, value["pairs"])
        return {"name": value["name"], "ratio": ratio, "bootstrap": value["bootstrap95"]}

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        return {
            "name": self.name,
            "ratio": self.ratio.value,
            "ci95": self.ratio.interval,
            "bootstrap95": self.bootstrap,
            "pairs": self.ratio.pairs,
        }


class Memory(Record):
    """What an inference reads and writes, and a simple model of two caches of data.

    Attributes:
        bytes_read: by loads.
        bytes_written: by stores.
        l1_misses: lines of 64 bytes that the first cache does not hold when they are used.
        l2_misses: those of them that the second one does not hold either.
    """

    bytes_read: float
    bytes_written: float
    l1_misses: float
    l2_misses: float


class Count(Record):
    """What was counted of one inference.

    Attributes:
        instructions: per inference.
        cache_misses: per inference; None where the tool cannot count them.
        tool: with its version.
        inferences: that the difference of two counts spans.
        instruction_sets: that the program was offered: valgrind knows no AVX-512, so the runtime
            takes another kernel under it than without.
        runtime: name and version.
        threads: of the runtime.
        core: the emulated one, as qemu names it; None for this machine's.
        classes: instructions per inference by class, where the tool tells them apart.
        cycles: what those cost on that core by Arm's figures, modelled and never timed; None where
            edgekit has no figures of it.
        limits: what these cycles were held against, and where that did not bear them out.
        operators: what each of them has of it, in the order of execution; None where nobody asked.
        outside: instructions that are no operator's.
        memory: what it reads and writes; None where nobody asked.
    """

    OPTIONAL: ClassVar = frozenset(
        {"core", "classes", "cycles", "limits", "operators", "outside", "memory"}
    )

    instructions: float
    cache_misses: float | None
    tool: str
    inferences: int
    instruction_sets: tuple[str, ...]
    runtime: str
    threads: int
    core: str | None = None
    classes: dict[str, float] | None = None
    cycles: float | None = None
    limits: str | None = None
    operators: tuple[Operator, ...] | None = None
    outside: float | None = None
    memory: Memory | None = None

    @property
    def about(self) -> Json:
        """What the figures depend on besides the bundle."""
        sets = list(self.instruction_sets)
        core = {} if self.core is None else {"core": self.core}
        return {"tool": self.tool, "instruction_sets": sets, "threads": self.threads, **core}

    @property
    def readings(self) -> dict[str, Reading]:
        """What a gate compares of it."""
        found = {"instructions": Reading(value=self.instructions, about=self.about)}
        if self.cache_misses is not None:
            found["cache_misses"] = Reading(value=self.cache_misses, about=self.about)
        return found
