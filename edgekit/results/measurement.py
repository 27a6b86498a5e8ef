"""What bench says of a bundle."""

from typing import ClassVar, Self

from pydantic import Field

from edgekit.evidence import Evidence
from edgekit.record import Record
from edgekit.results.gate import GateResult, Reading
from edgekit.results.timing import Against, Batch, Count, Noise, PerProcess, Sustained
from edgekit.results.unmeasured import Unmeasured
from edgekit.settings import Json
from edgekit.target import Precision
from edgekit.verdict import Verdict


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
    samples: PerProcess
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
