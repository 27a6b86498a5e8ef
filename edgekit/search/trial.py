"""A trial: one Recipe, built and measured; and the file that keeps every one of them."""

import json
import math
from pathlib import Path
from typing import Any, BinaryIO, Literal

from pydantic import Field

from edgekit.export.recipe import Recipe
from edgekit.hashes import sha256_json
from edgekit.settings import Settings

Outcome = Literal["pass", "fail", "inconclusive", "crashed"]


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
        p50_ms: median latency, milliseconds.
        size_bytes: of the artifact.
        decision: figures of `verify/parity.py`.
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
    size_bytes: int | None = None
    decision: dict[str, Any] = Field(default_factory=dict)
    seconds: float = 0.0
    judged: bool = False
    timed_on: dict[str, str | None] = Field(default_factory=dict)

    @property
    def drop(self) -> float | None:
        """Upper end of the interval of the AUC's drop; None when nothing was measured."""
        figure = self.decision.get("auc")
        if figure is None or figure["ci95"] is None:
            return None
        return max(0.0, -float(figure["ci95"][0]))

    @property
    def never_slower(self) -> bool:
        """Whether the whole interval of its latency is at or below fp32's."""
        return self.ci95 is not None and self.ci95[1] <= 1.0

    @property
    def excess(self) -> float:
        """The worst figure's bad end over its budget; 1 or less is inside, infinite unknown."""
        shares = [_share(figure) for figure in self.decision.values()]
        return max(shares, default=math.inf)

    def line(self) -> str:
        """Say in one line what came out."""
        if self.ratio is None or self.ci95 is None:
            return f"{self.outcome}: {self.reason}"
        low, high = self.ci95
        drop = "-" if self.drop is None else f"{100 * self.drop:.2f}"
        shares = [name for name in ("flips", "class_flips") if name in self.decision]
        return (
            f"{self.outcome}: {self.p50_ms:.2f} ms, {self.ratio:.2f} [{low:.2f}, {high:.2f}] of "
            f"fp32, AUC drop at most {drop} points, {', '.join(map(self._percent, shares))}"
        )

    def _percent(self, name: str) -> str:
        rate = self.decision[name]["rate"]  # None where scores are not finite
        return f"{'-' if rate is None else f'{100 * rate:.1f}'}% {name.replace('_', ' ')}"

    def misses(self) -> str:
        """Say by how much it may be outside its budgets; why it crashed where it did."""
        outside = [(n, f) for n, f in self.decision.items() if f["verdict"] != "pass"]
        return "; ".join(_miss(name, figure) for name, figure in outside) or self.reason

    def summary(self) -> dict[str, Any]:
        """Return what a report shows of it, as plain JSON values."""
        shown = self.model_dump(mode="json", exclude={"recipe", "decision", "judged", "timed_on"})
        flips = self.decision.get("flips", {}).get("rate")
        class_flips = self.decision.get("class_flips", {}).get("rate")
        found = {"auc_drop": self.drop, "flips": flips, "class_flips": class_flips}
        return {"name": self.recipe.name, **shown, **found}


def _miss(name: str, figure: dict[str, Any]) -> str:
    if figure["ci95"] is None:
        return f"{name} has no value"
    low, high = figure["ci95"]
    verb, bad = ("may drop by", -low) if "delta" in figure else ("may be", high)
    return f"{name.replace('_', ' ')} {verb} {100 * bad:.2f}%, budget {100 * figure['budget']:g}%"


def _share(figure: dict[str, Any]) -> float:
    """Return how much of its budget a figure may have used up, by its interval."""
    if figure["ci95"] is None:
        return math.inf
    low, high = figure["ci95"]
    return max(-low if "delta" in figure else high, 0.0) / max(figure["budget"], 1e-9)


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
