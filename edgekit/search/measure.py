"""Build a Recipe's artifact and measure it: decisions on held-out samples, latency beside fp32."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.bench.ratio import paired_ratio
from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.export.bundle import build_artifact
from edgekit.export.recipe import Recipe, lower
from edgekit.export.registry import runtime_named
from edgekit.export.student import Student
from edgekit.files import whole_folder
from edgekit.hashes import size_of
from edgekit.results.verification import Parity
from edgekit.search.probe import Job
from edgekit.search.process import probe
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trial, key_of
from edgekit.target import Target
from edgekit.verify.classes import classes_of
from edgekit.verify.parity import Budget, decision_parity


@dataclass(frozen=True)
class Bench:
    """Everything that trials of one student and target share.

    Attributes:
        student: what artifacts are made from.
        target: for which device family.
        heldout: samples that decide; neither calibration nor test samples.
        inputs: one `.npy` file per input with those samples, float32 [N, ...].
        reference: the float student's logits on them, float32 [N, C].
        budget: what an artifact may lose.
        settings: rounds, threads and time.
        corrections: what every int8 artifact gets, whatever else is tried.
        folder: where artifacts are kept, one folder per key.
    """

    student: Student
    target: Target
    heldout: Dataset
    inputs: tuple[Path, ...]
    reference: NDArray[np.float32]
    budget: Budget
    settings: SearchSettings
    corrections: tuple[str, ...]
    folder: Path

    def artifact(self, recipe: Recipe) -> Path:
        """Return where a Recipe's artifact lies."""
        folder = self._place(recipe)
        return next(iter(folder.glob("model.*")), folder / "model")

    def _place(self, recipe: Recipe) -> Path:
        return self.folder / key_of(recipe)[:16]

    def built(self, recipe: Recipe) -> Path:
        """Return a Recipe's artifact, built unless it is there.

        Raises:
            EdgekitError: when the converter refuses it.
        """
        found = self.artifact(recipe)
        if found.exists():
            return found
        runtime = runtime_named(self.target.runtime)
        program = lower(self.student, recipe, runtime.FOLDED)
        # As a whole: what a converter left when it failed must not pass for an artifact later.
        with whole_folder(self._place(recipe)) as work:
            build_artifact(program, self.target, recipe, work)
        return self.artifact(recipe)


def measure(bench: Bench, recipe: Recipe, baseline: Recipe) -> Trial:
    """Make one trial; what goes wrong in converter or runtime is its result.

    Args:
        bench: the trial's surroundings.
        recipe: what to try.
        baseline: whose artifact, built before, the latency is compared with.
    """
    start = time.perf_counter()
    made = Trial(key=key_of(recipe), recipe=recipe, outcome="crashed")
    try:
        made = _measured(bench, made, baseline)
    except UnavailableError:
        raise
    except EdgekitError as error:
        made = made.model_copy(update={"reason": error.what})
    return made.model_copy(update={"seconds": time.perf_counter() - start})


def _measured(bench: Bench, made: Trial, baseline: Recipe) -> Trial:
    artifact = bench.built(made.recipe)
    logits, times = probe(_job(bench, [bench.built(baseline), artifact]), bench.settings.timeout_s)
    ratio, parity = paired_ratio(times[1], times[0]), _parity(bench, logits)
    return Trial(
        key=made.key,
        recipe=made.recipe,
        outcome=parity.verdict,
        reason=parity.failures[0] if parity.failures else "",
        ratio=ratio.value,
        ci95=ratio.interval,
        p50_ms=float(np.median(times[1])),
        size_bytes=size_of(artifact),
        decision=parity.decision.judged,
    )


def _parity(bench: Bench, logits: NDArray[np.float32]) -> Parity:
    """Judge an artifact's decisions on the held-out samples."""
    signature = bench.heldout.signature
    return decision_parity(
        scores(bench.reference, signature),
        scores(logits, signature),
        bench.heldout.positives,
        [sample.slice for sample in bench.heldout.samples],
        signature.threshold,
        bench.budget,
        classes=classes_of(bench.reference, logits, bench.heldout.labels, signature),
    )


def _job(bench: Bench, artifacts: list[Path]) -> Job:
    return Job(
        runner=bench.target.runner,
        artifacts=[str(path) for path in artifacts],
        inputs=[str(path) for path in bench.inputs],
        names=[spec.name for spec in bench.heldout.signature.inputs],
        threads=bench.settings.threads,
        rounds=bench.settings.rounds,
        runs=bench.settings.runs,
    )
