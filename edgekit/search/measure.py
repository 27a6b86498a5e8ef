"""Build a Recipe's artifact and measure it: decisions on held-out samples, latency beside fp32."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.devices.device import Device
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.exporters.bundle import draft_bundle
from edgekit.exporters.recipe import Recipe
from edgekit.exporters.student import Student
from edgekit.files import whole_folder
from edgekit.hashes import size_of
from edgekit.manifest import GOLDEN, read_manifest
from edgekit.performance.settings import BenchSettings
from edgekit.results.verification import Parity
from edgekit.search.pace import Measure
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trial, key_of
from edgekit.target import Target
from edgekit.verification.classes import classes_of
from edgekit.verification.needs import refuse_unfit_processor
from edgekit.verification.parity import Budget, decision_parity

CHUNK = 256  # samples a process gets; as many are in memory at once
GOLDEN_SAMPLES = 1  # what is timed; decisions are the held-out samples'


@dataclass(frozen=True)
class Bench:
    """Everything that trials of one student and target share.

    Attributes:
        student: what artifacts are made from.
        target: for which device family.
        device: where artifacts run.
        heldout: samples that decide; neither calibration nor test samples.
        inputs: one `.npy` file per input with those samples, float32 [N, ...], by name.
        reference: the float student's logits on them, float32 [N, C].
        budget: what an artifact may lose.
        pace: how fast an artifact is beside another one.
        core: the emulated core that counts; None where the Device times.
        settings: how long and how carefully to search.
        timing: how a shipped artifact's latency is judged.
        folder: where artifacts are kept, a small bundle per key; beside them their `golden/`.
    """

    student: Student
    target: Target
    device: Device
    heldout: Dataset
    inputs: dict[str, Path]
    reference: NDArray[np.float32]
    budget: Budget
    pace: Measure
    core: Device | None
    settings: SearchSettings
    timing: BenchSettings
    folder: Path

    def place(self, recipe: Recipe) -> Path:
        """Return the folder of a Recipe's small bundle: artifact, manifest, golden vectors."""
        return self.folder / key_of(recipe)[:16]

    def built(self, recipe: Recipe) -> Path:
        """Return a Recipe's small bundle, built unless it is there.

        Raises:
            EdgekitError: when the converter refuses it.
        """
        place = self.place(recipe)
        if not place.exists():
            # As a whole: what a converter left when it failed must not pass for an artifact later.
            with whole_folder(place) as work:
                shutil.copytree(self.folder / GOLDEN, work / GOLDEN)
                draft_bundle(self.student, self.target, "auto", recipe, work, GOLDEN_SAMPLES)
        return place

    def artifact(self, recipe: Recipe) -> Path:
        """Return a Recipe's artifact, built unless it is there."""
        place = self.built(recipe)
        return place / read_manifest(place).artifact

    @property
    def careful(self) -> BenchSettings:
        """How the winner is timed: as a shipped artifact is, and the question is fp32's latency."""
        return self.timing.model_copy(update={"max_ratio": 1.0})

    @property
    def quick(self) -> BenchSettings:
        """How a candidate is timed: the same with fewer pairs."""
        mine = self.settings
        few = {"pairs": mine.pairs, "max_pairs": max(mine.pairs, mine.max_pairs), "runs": mine.runs}
        return self.careful.model_copy(update=few)


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
        reason = error.what.replace(str(bench.place(recipe)), recipe.name)
        made = made.model_copy(update={"reason": reason})
    return made.model_copy(update={"seconds": time.perf_counter() - start})


def _measured(bench: Bench, made: Trial, baseline: Recipe) -> Trial:
    parity = _parity(bench, _logits(bench, bench.built(made.recipe)))
    decided = Trial(
        key=made.key,
        recipe=made.recipe,
        outcome=parity.verdict,
        reason=parity.failures[0] if parity.failures else "",
        size_bytes=size_of(bench.artifact(made.recipe)),
        decision=parity.decision.judged,
    )
    return _paced(bench, decided, baseline, bench.quick)


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
        classes=classes_of(
            bench.reference, logits, bench.heldout.labels, signature, bench.heldout.groups
        ),
        groups=bench.heldout.groups,
    )


def judged(bench: Bench, trial: Trial, baseline: Recipe) -> Trial:
    """Time a trial's artifact once more, as `edgekit bench` will time what is shipped.

    Args:
        bench: the trial's surroundings.
        trial: what was measured with few pairs.
        baseline: whose artifact the latency is compared with.
    """
    again = _paced(bench, trial, baseline, bench.careful)
    return again.model_copy(update={"judged": True})


def _paced(bench: Bench, trial: Trial, baseline: Recipe, settings: BenchSettings) -> Trial:
    """Hold an artifact's speed against the fp32 one's; that one is as fast as itself."""
    own, other = bench.built(trial.recipe), bench.built(baseline)
    found = bench.pace(own, None if own == other else other, settings)
    update = {
        "ratio": found.ratio,
        "ci95": found.interval,
        "p50_ms": found.p50_ms,
        "cycles": found.cycles,
        "timed_on": found.timed_on,
    }
    return trial.model_copy(update=update)


def _logits(bench: Bench, bundle: Path) -> NDArray[np.float32]:
    """Run a bundle over the held-out samples, float32 [N, C].

    Raises:
        UnavailableError: when the Device's processor lacks what the artifact needs.
    """
    asked = f"search for {bench.target.name}"
    refuse_unfit_processor(bundle, read_manifest(bundle), bench.device, asked)
    arrays = {name: np.load(path, mmap_mode="r") for name, path in bench.inputs.items()}
    request = Request(threads=bench.timing.threads, timeout_s=bench.settings.timeout_s)
    parts = [
        {name: array[at : at + CHUNK] for name, array in arrays.items()}
        for at in range(0, len(bench.heldout), CHUNK)
    ]
    return np.concatenate([bench.device(bundle, part, request).logits for part in parts])
