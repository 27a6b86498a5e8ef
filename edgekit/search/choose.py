"""Which trial wins: the fastest inside the budget that is surely not slower than fp32.

Among trials that are as fast for all that can be measured, the one that decides best wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edgekit.devices.cores import core_named
from edgekit.devices.evidence import stranger
from edgekit.results.search import SearchResult
from edgekit.search.trial import Trial
from edgekit.target import Target
from edgekit.verdict import Verdict

_LEVEL = 1.02  # latencies this close are the same one, measured twice


@dataclass(frozen=True)
class Found:
    """What the search came to.

    Attributes:
        chosen: the fastest trial inside the budget that is not slower than fp32, of those within 2%
            of it the one that decides best; the nearest one when nothing is inside.
        verdict: `pass` when the chosen one is inside the budget on the held-out samples.
        reason: why not, and what the latencies do not show, in one line.
        trials: every trial that was looked at.
        core: the emulated core whose modelled cycles decided; None where times did.
    """

    chosen: Trial
    verdict: Verdict
    reason: str
    trials: tuple[Trial, ...]
    core: str | None = None

    def describe(self) -> str:
        """Say in one line what was chosen and why."""
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.chosen.recipe.name} of {len(self.trials)} candidates{why}"

    def timed_on(self, environment: Mapping[str, object], target: Target) -> "Found":
        """Return it with the processor in its reason, where the Target is for another one.

        Args:
            environment: of the latencies; see `stranger`.
            target: what was searched for.
        """
        lines = [line for line in (self.reason, stranger(target, environment)) if line]
        return replace(self, reason="; ".join(lines))

    def counted_on(self, core: str) -> "Found":
        """Return it with the core whose modelled cycles decided, and what those are worth."""
        cost = core_named(core).cost
        told = f"by modelled cycles of {core}" + (f" ({cost.limits})" if cost else "")
        return replace(self, core=core, reason="; ".join(filter(None, (self.reason, told))))

    def result(self, auc_budget: float, device: str) -> SearchResult:
        """Return what a report shows, and the Recipe to build.

        Args:
            auc_budget: largest allowed drop of the AUC.
            device: where artifacts ran.
        """
        return SearchResult(
            chosen=self.chosen.recipe.name,
            key=self.chosen.key,
            recipe=self.chosen.recipe.to_json(),
            verdict=self.verdict,
            reason=self.reason,
            trials=tuple(trial.summary() for trial in self.trials),
            auc_budget=auc_budget,
            device=device,
            core=self.core,
        )


def choose(trials: Sequence[Trial], floor: Trial) -> Found:
    """Choose among trials.

    Args:
        trials: all of them.
        floor: the fp32 trial, chosen unless another is faster for sure.
    """
    candidates = [trial for trial in trials if trial.never_slower and trial.key != floor.key]
    inside = [trial for trial in candidates if trial.outcome == Verdict.PASS]
    if inside:
        fast = _LEVEL * min(map(_latency, inside))
        level = [trial for trial in inside if _latency(trial) <= fast]
        best = min(level, key=lambda trial: (trial.excess, _latency(trial)))
        return Found(best, Verdict.PASS, "", tuple(trials))
    if floor.outcome == Verdict.PASS:
        return Found(floor, Verdict.PASS, "", tuple(trials))
    nearest = min([floor, *candidates], key=lambda trial: (trial.excess, _latency(trial)))
    reason = "no candidate is inside the budget for sure; "
    reason += f"the nearest is {nearest.recipe.name}: {nearest.misses()}"
    return Found(nearest, Verdict.FAIL, reason, tuple(trials))


def _latency(trial: Trial) -> float:
    """Return the latency over fp32's; fp32's own where none was measured."""
    return 1.0 if trial.ratio is None else trial.ratio
