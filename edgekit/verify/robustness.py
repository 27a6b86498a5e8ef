"""The same disturbances for both models: does the artifact hold where the student does?"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edgekit.dataset import Dataset
from edgekit.detectors.detector import Detector
from edgekit.devices.device import Device
from edgekit.disturbances import DISTURBANCES
from edgekit.errors import InputError
from edgekit.verify.parity import Budget
from edgekit.verify.score import score
from edgekit.verify.verify import Progress, verify_bundle

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
        disturbed = data.disturbed(name)
        reference = score(detector, disturbed)
        found = verify_bundle(bundle, reference, disturbed, budget, device, progress)
        yield {"disturbance": name, **found}


def matrix(plain: Cell, disturbed: Sequence[Cell]) -> dict[str, dict[str, Any]]:
    """Arrange verdicts by disturbance and slice; no cell is folded into a mean.

    Args:
        plain: the verdict without disturbance.
        disturbed: what `robustness` yields.

    Returns:
        for each disturbance, `none` first, for each slice, `all` first: AUC of the reference, AUC
        of the artifact, and for `all` the verdict.
    """
    return {
        name: {"all": {**_auc(cell["decision"]["auc"]), "verdict": cell["verdict"]}}
        | {key: _auc(part["auc"]) for key, part in cell["decision"]["slices"].items()}
        for name, cell in [(PLAIN, plain), *((cell["disturbance"], cell) for cell in disturbed)]
    }


def _auc(figure: dict[str, Any]) -> dict[str, Any]:
    return {"reference": figure["reference"], "artifact": figure["artifact"]}
