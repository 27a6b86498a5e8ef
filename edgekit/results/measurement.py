"""What bench says of a bundle."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from edgekit.evidence import Evidence
from edgekit.record import Ci95, MaybeCi95, Record
from edgekit.results.ratio import Ratio
from edgekit.results.verification import Unmeasured
from edgekit.settings import Json
from edgekit.target import Precision
from edgekit.verdict import Interval, Verdict


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


class Samples(Record):
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
    """

    instructions: float
    cache_misses: float | None
    tool: str
    inferences: int
    instruction_sets: tuple[str, ...]
    runtime: str
    threads: int

    @property
    def about(self) -> Json:
        """What the figures depend on besides the bundle."""
        sets = list(self.instruction_sets)
        return {"tool": self.tool, "instruction_sets": sets, "threads": self.threads}


class Reading(Record):
    """What a gate compares of one figure.

    Attributes:
        value: milliseconds, bytes, instructions, or a share of 1.
        samples: one per process, for figures that vary.
        about: what it depends on besides the bundle.
    """

    OPTIONAL: ClassVar = frozenset({"samples", "about"})

    value: int | float
    samples: tuple[int | float, ...] | None = None
    about: Json | None = None


class GateFigure(Record):
    """One figure against the baseline's.

    Attributes:
        name: of the figure.
        value: now.
        baseline: as it was reviewed.
        change: relative to the baseline, or the difference of shares; positive is worse.
        interval: 95% interval of the change; None where the figure does not vary.
        limit: the change that is let pass.
        verdict: `pass`, `fail` or `inconclusive`.
        reason: a line unless it passes.
    """

    name: str
    value: float
    baseline: float
    change: float
    interval: MaybeCi95 = None
    limit: float
    verdict: Verdict
    reason: str = ""


class GateResult(Record):
    """A bundle against a reviewed baseline.

    Attributes:
        verdict: the worst of the figures'.
        baseline: the file.
        figures: that both sides have.
        notes: what a reader may not expect.
    """

    verdict: Verdict
    baseline: str
    figures: tuple[GateFigure, ...]
    notes: tuple[str, ...] = ()


class Measurement(Record):
    """What bench says of a bundle; times in milliseconds.

    Attributes:
        verdict: on the budgets; the gate's where there is one. `unavailable`, with a reason, where
            the processor is none that the target is for.
        reasons: a line for each budget that is not met for sure.
        evidence: what the run proves.
        target: the Target's name.
        precision: the bundle's.
        bundle: name of its folder.
        device: where it ran.
        p50_ms, p90_ms, p99_ms: of all timed runs.
        throughput_per_s: inferences a second.
        runs: timed inferences.
        pairs: fresh processes.
        threads: of the runtime.
        load_ms: to load the artifact.
        first_ms: of the first inference.
        cold_start_ms: from the start of the process to the first result.
        peak_mem_bytes: largest resident size of a process with nothing else in it.
        warmup_runs: untimed runs before.
        settled: processes whose times had settled before they were taken.
        runtime: name and version.
        environment: the runner's own record of the machine; see `runner.py`.
        samples: one figure per process.
        noise: how steady the machine was.
        batch: several images at once, where that was asked for.
        sustained: a long run, where that was asked for.
        against: the latency over another bundle's, where there is one.
        count: instructions, where they were asked for.
        measured: what a baseline would keep, by name of the figure.
        gate: where there is a baseline.
        updated: the baseline's file, where it was written.
    """

    OPTIONAL: ClassVar = frozenset({"gate", "updated"})

    verdict: Verdict
    reasons: tuple[str, ...]
    evidence: Evidence
    target: str
    precision: Precision
    bundle: str
    device: str
    p50_ms: float
    p90_ms: float
    p99_ms: float
    throughput_per_s: float
    runs: int
    pairs: int
    threads: int
    load_ms: float
    first_ms: float
    cold_start_ms: float
    peak_mem_bytes: int
    warmup_runs: float
    settled: int
    runtime: str
    environment: Json
    samples: Samples
    noise: Noise
    batch: Batch | None = None
    sustained: Sustained | None = None
    against: Against | None = None
    count: Count | None = None
    measured: dict[str, Reading] = Field(default_factory=dict)
    gate: GateResult | None = None
    updated: str | None = None

    @property
    def processor(self) -> object:
        """The processor's name; None where it is not known."""
        return self.environment.get("processor")

    @property
    def said(self) -> tuple[str, ...]:
        """The lines that explain the verdict, and what a reader of it may not expect."""
        return (*self.reasons, *(self.gate.notes if self.gate else ()))

    def with_gate(self, gate: GateResult) -> Self:
        """Return it with a gate, whose verdict becomes its own."""
        reasons = tuple(figure.reason for figure in gate.figures if figure.reason)
        update = {"gate": gate, "verdict": gate.verdict, "reasons": reasons}
        return self.model_copy(update=update)


Measured = Measurement | Unmeasured


def measured(value: object, where: str) -> Measured:
    """Read what either was written as.

    Args:
        value: JSON values.
        where: the file that they come from, for the message.
    """
    whole = isinstance(value, dict) and "p50_ms" in value
    return (Measurement if whole else Unmeasured).from_json(value, where)
