"""The precision search: start from whole-network Recipes, then change the best one step by step.

Two things are measured of every candidate: its latency in the target's runtime, in turns with the
fp32 artifact, and its decisions on held-out samples. First the search makes the fastest candidate
faster, then it brings its decisions back into the budget, and last it corrects the winner's
weights, which costs no latency. fp32 is always among the candidates, so nothing slower or less
accurate than it is ever chosen.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial

from edgekit.calibration.corrections.samples import Images, spread
from edgekit.calibration.operators import group_of
from edgekit.exporters.recipe import Recipe, lower
from edgekit.runtimes import runtime_named
from edgekit.search.choose import Found, choose
from edgekit.search.measure import Bench, judged, measure
from edgekit.search.moves import (
    Step,
    accuracy_steps,
    baseline,
    dynamic_layers,
    free_steps,
    heavy,
    speed_steps,
    starts,
)
from edgekit.search.profilers import kernels, slow_layers
from edgekit.search.sensitivity import sensitive_layers
from edgekit.search.trial import Trial, Trials, key_of
from edgekit.verdict import Verdict

# Called with a trial, and whether it was made in an earlier search.
Report = Callable[[Trial, bool], None]
_GAIN = 0.99  # a step must make the artifact at least 1% faster to be taken
_SAMPLES = 4  # images that sensitivity is measured on


def search(bench: Bench, trials: Trials, report: Report | None = None) -> Found:
    """Search; trials that are on disk are not made again.

    Args:
        bench: student, target, held-out samples and budget.
        trials: what was tried before, and where new trials go.
        report: called with each trial as it comes, and whether it was made before.
    """
    run = _Search(bench, trials, report or (lambda trial, reused: None))
    floor = run.try_(baseline(bench.target))
    begun = run.try_all(starts(bench.target, bench.student.program, bench.student.corrections))
    best = run.best(trial for trial in begun if trial.recipe.scheme is not None)
    if best is not None:
        best = run.faster(best)
        if best.outcome != Verdict.PASS:
            run.more_accurate(best)
        run.refine(choose(list(run.seen.values()), floor).chosen)
    found = run.shipped(floor).timed_on(floor.timed_on, bench.target)
    core = floor.timed_on.get("processor") if floor.cycles is not None else None
    return found.counted_on(core) if core else found


class _Search:
    """One search in progress."""

    def __init__(self, bench: Bench, trials: Trials, report: Report) -> None:
        self.bench, self.trials, self.report = bench, trials, report
        self.seen: dict[str, Trial] = {}
        self.spent = 0.0

    def try_(self, recipe: Recipe) -> Trial:
        """Make a trial unless it was made before, in this search or an earlier one."""
        key = key_of(recipe)
        if key not in self.seen:
            self.seen[key] = self._known(recipe) or self._made(recipe)
        return self.seen[key]

    def try_all(self, recipes: Iterable[Recipe]) -> list[Trial]:
        """Make trials until the time is over."""
        return [self.try_(recipe) for recipe in recipes if self._may(recipe)]

    def _known(self, recipe: Recipe) -> Trial | None:
        trial = self.trials.found.get(key_of(recipe))
        if trial is not None:
            self.spent += trial.seconds
            self.report(trial, True)
        return trial

    def _made(self, recipe: Recipe) -> Trial:
        start = time.perf_counter()
        trial = self.trials.add(measure(self.bench, recipe, baseline(self.bench.target)))
        self.spent += time.perf_counter() - start
        self.report(trial, False)
        return trial

    def _may(self, recipe: Recipe) -> bool:
        return key_of(recipe) in self.trials.found or self.spent < self.bench.settings.seconds

    def best(self, trials: Iterable[Trial]) -> Trial | None:
        """Return the fastest trial that ran at all, whatever it decides."""
        ran = [trial for trial in trials if trial.ratio is not None]
        return min(ran, key=lambda trial: trial.ratio or 1.0, default=None)

    def faster(self, best: Trial) -> Trial:
        """Take the steps that make the best trial faster, one after the other."""
        for step in speed_steps(self.bench.student.program, self._slow(best)):
            trial = self._step(best, step)
            if trial is not None and (trial.ratio or 9.9) < _GAIN * (best.ratio or 1.0):
                best = trial
        return best

    def more_accurate(self, best: Trial) -> None:
        """Take the steps that bring the decisions back, one after the other, until one does."""
        dynamic = dynamic_layers(self.bench.target, self.bench.student.program)
        for step in accuracy_steps(partial(self._sensitive, best), dynamic.__contains__):
            trial = self._step(best, step)
            if trial is None:
                continue
            if trial.outcome == Verdict.PASS:
                return
            if trial.excess < best.excess:
                best = trial

    def refine(self, chosen: Trial) -> None:
        """Take the steps that cost no latency, for artifacts as fast that decide better."""
        if chosen.recipe.scheme is not None:
            for step in free_steps():
                self._step(chosen, step)

    def shipped(self, floor: Trial) -> Found:
        """Choose what holds when it is timed as `edgekit bench` will time it.

        The luckiest of many candidates looks faster than it is, and few pairs say so of one that
        is not.
        """
        while True:
            found = choose(list(self.seen.values()), floor)
            chosen = found.chosen
            if chosen.judged or chosen.key == floor.key or not chosen.never_slower:
                return found
            trial = judged(self.bench, chosen, floor.recipe)
            self.seen[chosen.key] = self.trials.add(trial)
            self.report(trial, False)

    def _step(self, best: Trial, step: Step) -> Trial | None:
        """Try one step; None when it changes nothing or the time is over."""
        recipe = step(best.recipe)
        if key_of(recipe) == best.key or not self._may(recipe):
            return None
        return self.try_(recipe)

    def _slow(self, best: Trial) -> list[str]:
        layers = {node.name: str(group_of(node)) for node in heavy(self.bench.student.program)}
        if self.bench.core is not None:
            return []  # a profile would take times of another kind of processor
        ours, theirs = (
            kernels(self.bench.device, self.bench.built(recipe))
            for recipe in (best.recipe, baseline(self.bench.target))
        )
        return slow_layers(ours, theirs, layers)

    def _sensitive(self, best: Trial) -> list[str]:
        student = self.bench.student
        folded = runtime_named(self.bench.target.runtime).folded
        quantized = lower(student, best.recipe, folded)
        samples = spread(Images(student.data), _SAMPLES)
        return sensitive_layers(student.program, quantized, samples)
