"""The same disturbances for both models: does the artifact hold where the student does?"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.detectors.score import score
from edgekit.devices.device import Device
from edgekit.disturbances import DISTURBANCES
from edgekit.errors import InputError
from edgekit.verify.parity import Budget
from edgekit.verify.verify import Progress, keep, verify_bundle

PLAIN = "none"
Cell = dict[str, Any]


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
) -> Iterator[Cell]:
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

    Yields:
        `disturbance`, and the verdict as `verify_bundle` returns it.

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
        yield {"disturbance": name, **verify_bundle(*run, detector.signature, seen)}


def _reference(detector: Detector, data: Dataset, kept: Path | None) -> NDArray[np.float32]:
    path = kept and kept / "reference.npy"
    if path is None:
        return score(detector, data)
    if not path.exists():
        keep(path, score(detector, data))
    found: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return found


def matrix(plain: Cell, disturbed: Sequence[Cell]) -> dict[str, dict[str, Any]]:
    """Arrange verdicts by disturbance and slice; no cell is folded into a mean.

    Args:
        plain: the verdict without disturbance.
        disturbed: what `robustness` yields.

    Returns:
        for each disturbance, `none` first, for each slice, `all` first: AUC of the reference, AUC
        of the artifact, and for `all` the verdict and its evidence.
    """
    return {
        name: {"all": {**_auc(cell["decision"]["auc"]), **_verdict(cell)}}
        | {key: _auc(part["auc"]) for key, part in cell["decision"]["slices"].items()}
        for name, cell in [(PLAIN, plain), *((cell["disturbance"], cell) for cell in disturbed)]
    }


def _auc(figure: dict[str, Any]) -> dict[str, Any]:
    return {"reference": figure["reference"], "artifact": figure["artifact"]}


def _verdict(cell: Cell) -> dict[str, str]:
    return {"verdict": cell["verdict"], "evidence": cell["evidence"]}
