"""What a precision search came to."""

from typing import ClassVar, Literal

from edgekit.record import MaybeCi95, Record
from edgekit.settings import Json
from edgekit.verdict import Verdict

Outcome = Verdict | Literal["crashed"]


class Candidate(Record):
    """What a report shows of one trial.

    Attributes:
        name: of its Recipe.
        key: hash of the Recipe.
        outcome: verdict about its decisions on the held-out samples; `crashed` when the converter
            refused it or the runtime did.
        reason: why it crashed or failed, in one line.
        ratio: its latency over the fp32 artifact's; None where none was measured.
        interval: 95% interval of the ratio.
        p50_ms: median latency, milliseconds; None where it was counted.
        size_bytes: of the artifact.
        seconds: what the trial took.
        auc_drop: upper end of the interval of the AUC's drop; None when it has none.
        flips: share of images that are decided differently.
        class_flips: share of images that get another class; None with two classes.
        cycles: modelled cycles of an inference on the target's core; None where it was timed.
    """

    OPTIONAL: ClassVar = frozenset({"cycles"})

    name: str
    key: str
    outcome: Outcome
    reason: str
    ratio: float | None
    interval: MaybeCi95
    p50_ms: float | None
    size_bytes: int | None
    seconds: float
    auc_drop: float | None
    flips: float | None
    class_flips: float | None
    cycles: float | None = None


class SearchResult(Record):
    """What the search of one target came to.

    Attributes:
        chosen: name of the Recipe to build.
        key: its hash.
        recipe: itself, see `export/recipe.py`; left out where a report shows the rest.
        verdict: `pass` when it is inside the budget on the held-out samples, else `fail`.
        reason: why not, and what the latencies do not show, in one line.
        trials: every trial that was looked at.
        auc_budget: largest allowed drop of the AUC.
        device: where artifacts ran; None in what an older edgekit wrote.
        core: the emulated core whose modelled cycles decided, as qemu names it; None where times
            did.
    """

    OPTIONAL: ClassVar = frozenset({"recipe", "device", "core"})

    chosen: str
    key: str
    recipe: Json | None = None
    verdict: Verdict
    reason: str
    trials: tuple[Candidate, ...]
    auc_budget: float
    device: str | None = None
    core: str | None = None

    @property
    def by(self) -> str:
        """Say what decided, for the bundle's manifest."""
        what = f"modelled cycles of {self.core}" if self.core else f"latency on {self.device}"
        return f"precision chosen by {what}"
