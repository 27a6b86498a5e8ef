"""What bench says of a bundle on an emulated core: counts, and no time."""

from typing import ClassVar, Self

from pydantic import Field

from edgekit.evidence import Evidence
from edgekit.record import Record
from edgekit.results.gate import GateResult, Reading
from edgekit.results.timing import Count
from edgekit.settings import Json
from edgekit.target import Precision
from edgekit.verdict import Verdict


class Counted(Record):
    """What was counted of a bundle where nothing can be timed.

    Attributes:
        verdict: the gate's; `pass` without one, since no budget is about counts.
        reasons: a line for each figure that is not met for sure.
        evidence: what the run proves.
        target: the Target's name.
        precision: the bundle's.
        bundle: name of its folder.
        device: where it was counted.
        threads: of the runtime.
        runtime: name and version.
        environment: the core that is emulated.
        count: what was counted.
        measured: what a baseline would keep, by name of the figure.
        gate: where there is a baseline.
        updated: the baseline's file, where it was written.
    """

    OPTIONAL: ClassVar = frozenset({"gate", "updated"})

    verdict: Verdict = Verdict.PASS
    reasons: tuple[str, ...] = ()
    evidence: Evidence
    target: str
    precision: Precision
    bundle: str
    device: str
    threads: int
    runtime: str
    environment: Json
    count: Count
    measured: dict[str, Reading] = Field(default_factory=dict)
    gate: GateResult | None = None
    updated: str | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The lines that explain the verdict, and what a reader of it may not expect."""
        return (*self.reasons, *(self.gate.notes if self.gate else ()))

    @property
    def about(self) -> str:
        """How it was counted, in a line."""
        return (
            f"counted on `{self.device}` ({self.count.core}), evidence {self.evidence}, "
            f"{self.count.tool}, {self.runtime}, {self.threads} threads"
        )

    def with_gate(self, gate: GateResult) -> Self:
        """Return it with a gate, whose verdict becomes its own."""
        reasons = tuple(figure.reason for figure in gate.figures if figure.reason)
        update = {"gate": gate, "verdict": gate.verdict, "reasons": reasons}
        return self.model_copy(update=update)
