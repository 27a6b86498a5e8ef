"""The same disturbances for both models: does the artifact hold where the student does?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.score import score
from edgekit.devices.device import Device
from edgekit.disturbances import DISTURBANCES
from edgekit.errors import InputError
from edgekit.figure import Figure
from edgekit.progress import Progress
from edgekit.results.matrix import ALL, Cell, Matrix
from edgekit.results.verification import Verification
from edgekit.verification.logits import keep
from edgekit.verification.parity import Budget
from edgekit.verification.verify import verify_bundle

PLAIN = "none"


@dataclass(frozen=True)
class Disturbed:
    """A verdict under one disturbance."""

    disturbance: str
    found: Verification


def robustness(
    bundle: Path,
    detector: Detector,
    data: Dataset,
    budget: Budget,
    names: Sequence[str] = tuple(DISTURBANCES),
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
    seen: Collection[str] | None = None,
) -> Iterator[Disturbed]:
    """Verify once for each disturbance, which is done to the pictures of both models alike.

    Args:
        bundle: the bundle's folder.
        detector: the float Detector that it was built from.
        data: the held-out samples.
        budget: what the artifact may lose under each disturbance.
        names: of the disturbances.
        device: where to run the artifact.
        progress: called with (samples done, samples in all) of each disturbance.
        kept: folder where finished chunks of logits stay, so that a run that was killed is carried
            on; nothing is kept when left out.
        seen: slices that training saw, where that is known.

    Raises:
        InputError: when no input is made from pictures, or a disturbance is unknown.
    """
    if all(spec.preprocessing is None for spec in data.signature.inputs):
        raise InputError(
            "the detector reads arrays, which have no picture to disturb", "Verify it as it is"
        )
    for name in names:
        disturbed, place = data.disturbed(name), kept and kept / name.replace(" ", "_")
        reference = _reference(detector, disturbed, place)
        run = (bundle, reference, disturbed, budget, device, progress, place)
        yield Disturbed(name, verify_bundle(*run, detector.signature, seen))


def _reference(detector: Detector, data: Dataset, kept: Path | None) -> NDArray[np.float32]:
    path = kept and kept / "reference.npy"
    if path is None:
        return score(detector, data)
    if not path.exists():
        keep(path, score(detector, data))
    found: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return found


def matrix(plain: Verification, disturbed: Sequence[Disturbed]) -> Matrix:
    """Arrange verdicts by disturbance and slice; no cell is folded into a mean.

    Args:
        plain: the verdict without disturbance.
        disturbed: what `robustness` yields.

    Returns:
        for each disturbance, `none` first, for each slice, `all` first, the AUC of both.
    """
    rows = [Disturbed(PLAIN, plain), *disturbed]
    return {row.disturbance: _cells(row.found) for row in rows}


def _cells(found: Verification) -> dict[str, Cell]:
    slices = {name: _auc(part.auc) for name, part in found.decision.slices.items()}
    earned = {"verdict": found.verdict, "evidence": found.evidence}
    return {ALL: _auc(found.decision.auc).model_copy(update=earned), **slices}


def _auc(figure: Figure) -> Cell:
    return Cell(reference=figure.reference, artifact=figure.artifact)
