"""A trial: one Recipe, built and measured; and the file that keeps every one of them."""

import json
import math
from pathlib import Path
from typing import BinaryIO

from pydantic import Field

from edgekit.exporters.recipe import Recipe
from edgekit.figure import Share
from edgekit.figures import Figures
from edgekit.hashes import sha256_json
from edgekit.results.search import Candidate, Outcome
from edgekit.settings import Settings
from edgekit.verdict import Verdict


class Trial(Settings):
    """What is known of one Recipe.

    Attributes:
        key: hash of the Recipe.
        recipe: how the artifact was made.
        outcome: verdict about its decisions on the held-out samples; `crashed` when the converter
            refused it or the runtime did.
        reason: why it crashed or failed, in one line.
        ratio: its latency over the fp32 artifact's, measured in pairs.
        ci95: interval of the ratio.
        p50_ms: median latency, milliseconds; None where it was counted.
        cycles: modelled cycles of an inference on the target's core; None where it was timed.
        size_bytes: of the artifact.
        decision: the figures with a budget.
        seconds: what the trial took.
        judged: whether its latency was measured as carefully as what is shipped is judged.
        timed_on: processor and architecture of that.
    """

    key: str
    recipe: Recipe
    outcome: Outcome
    reason: str = ""
    ratio: float | None = None
    ci95: tuple[float, float] | None = None
    p50_ms: float | None = None
    cycles: float | None = None
    size_bytes: int | None = None
    decision: Figures = Field(default_factory=dict)
    seconds: float = 0.0
    judged: bool = False
    timed_on: dict[str, str | None] = Field(default_factory=dict)

    @property
    def drop(self) -> float | None:
        """Upper end of the interval of the AUC's drop; None when nothing was measured."""
        auc = self.decision.get("auc")
        return None if auc is None or auc.loss_interval is None else max(0.0, auc.loss_interval[1])

    @property
    def never_slower(self) -> bool:
        """Whether the whole interval of its latency is at or below fp32's."""
        return self.ci95 is not None and self.ci95[1] <= 1.0

    @property
    def excess(self) -> float:
        """The worst figure's bad end over its budget; 1 or less is inside, infinite unknown."""
        return max((figure.excess for figure in self.decision.values()), default=math.inf)

    def line(self) -> str:
        """Say in one line what came out."""
        if self.ratio is None or self.ci95 is None:
            return f"{self.outcome}: {self.reason}"
        low, high = self.ci95
        drop = "-" if self.drop is None else f"{100 * self.drop:.2f}"
        shares = [figure for figure in self.decision.values() if isinstance(figure, Share)]
        pace = f"{self.ratio:.2f} [{low:.2f}, {high:.2f}]"
        if self.cycles is not None:
            pace = f"{self.cycles / 1e6:.2f} million modelled cycles, {self.ratio:.2f}"
        elif self.p50_ms is not None:
            pace = f"{self.p50_ms:.2f} ms, {pace}"
        return (
            f"{self.outcome}: {pace} of fp32, AUC drop at most {drop} points, "
            f"{', '.join(map(_percent, shares))}"
        )

    def misses(self) -> str:
        """Say by how much it may be outside its budgets; why it crashed where it did."""
        outside = [each for each in self.decision.values() if each.verdict is not Verdict.PASS]
        return "; ".join(figure.miss() for figure in outside) or self.reason

    def summary(self) -> Candidate:
        """Return what a report shows of it."""
        return Candidate(
            name=self.recipe.name,
            key=self.key,
            outcome=self.outcome,
            reason=self.reason,
            ratio=self.ratio,
            interval=self.ci95,
            p50_ms=self.p50_ms,
            cycles=self.cycles,
            size_bytes=self.size_bytes,
            seconds=self.seconds,
            auc_drop=self.drop,
            flips=self._rate("flips"),
            class_flips=self._rate("class_flips"),
        )

    def _rate(self, name: str) -> float | None:
        figure = self.decision.get(name)
        return figure.rate if isinstance(figure, Share) else None


def _percent(share: Share) -> str:
    rate = "-" if share.rate is None else f"{100 * share.rate:.1f}"
    return f"{rate}% {share.title}"  # no rate where scores are not finite


def key_of(recipe: Recipe) -> str:
    """Hash what decides the artifact; the name does not."""
    return sha256_json(recipe.model_copy(update={"name": "-"}).to_json())


class Trials:
    """Trials on disk, one JSON line each, appended as they end, so that a kill loses only one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, Trial] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._remember(line)

    def _remember(self, line: str) -> None:
        try:
            trial = Trial.model_validate(json.loads(line))
        except ValueError:  # the last line of a run that was killed while writing it
            return
        self.found[trial.key] = trial

    @staticmethod
    def _line_end(file: BinaryIO) -> str:
        """Return what ends the half line that a killed run left; nothing where there is none."""
        if not file.seek(0, 2):
            return ""
        file.seek(-1, 2)
        return "" if file.read() == b"\n" else "\n"

    def add(self, trial: Trial) -> Trial:
        """Append a trial."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(trial.to_json()) + "\n"
        with self.path.open("a+b") as file:
            file.write((self._line_end(file) + line).encode())
        self.found[trial.key] = trial
        return trial
