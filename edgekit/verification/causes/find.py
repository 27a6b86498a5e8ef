"""Look for the cause of a verdict, from what an app would see first to what lies deepest."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError
from edgekit.exporters.golden import golden_images, golden_inputs
from edgekit.exporters.student import Student
from edgekit.manifest import Manifest, read_manifest
from edgekit.results.cause import Cause
from edgekit.results.layers import WrongLayer
from edgekit.results.verification import Verification
from edgekit.verdict import Verdict
from edgekit.verification.causes.habits import find_habit
from edgekit.verification.causes.kernels import Inputs, find_kernel
from edgekit.verification.causes.labels import find_labels
from edgekit.verification.layers.diff import diff, other_kernel
from edgekit.verification.layers.programs import layers_of


@dataclass(frozen=True)
class Suspect:
    """A bundle with what verification said of it.

    Attributes:
        bundle: its folder.
        student: what it was built from.
        result: the verdict, as `verify_bundle` returns it.
        device: where it runs.
        data: the images of the verdict, opened with the student's Signature; only the golden
            samples are looked at when left out.
    """

    bundle: Path
    student: Student
    result: Verification
    device: str | Device
    data: Dataset | None = None

    @cached_property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return read_manifest(self.bundle)

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Run the artifact."""
        return device_named(self.device)(self.bundle, dict(inputs)).logits

    @cached_property
    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """The golden samples, preprocessed as the student does, by input."""
        return golden_inputs(self.bundle, self.student.detector.signature)

    @cached_property
    def reference(self) -> NDArray[np.float32]:
        """The student's logits of the golden samples."""
        return self.student.detector.logits(tuple(self.inputs.values()))

    def batches(self) -> Iterator[tuple[Inputs, NDArray[np.float32]]]:
        """Yield samples with the student's logits: the golden ones, then what changed."""
        yield self.inputs, self.reference
        changed = set(self.result.flipped)
        if self.data is None or not changed:
            return
        samples = [each for each in self.data.samples if each.name in changed]
        rows = [self.data.read(each) for each in samples]
        arrays = tuple(np.concatenate(column) for column in zip(*rows, strict=True))
        yield dict(zip(self.inputs, arrays, strict=True)), self.student.detector.logits(arrays)

    @cached_property
    def wrong(self) -> WrongLayer | None:
        """The first wrong layer; None where no layer is, or none can be seen."""
        try:
            return diff(self.student, device_named(self.device), None, self.bundle).wrong
        except EdgekitError:  # nothing here shows that runtime's tensors
            return None


def find_cause(suspect: Suspect) -> Cause | None:
    """Return the first cause that is found; None where nothing is wrong.

    A verdict that failed always has a cause, if only `unknown`.
    """
    found = next(filter(None, (look(suspect) for look in _LOOKS)), None)
    if found is None and suspect.result.verdict is Verdict.FAIL:
        advice = "compare layer by layer with edgekit diff, on images that are decided differently"
        return Cause(kind="unknown", what="nothing that is known here explains it", advice=advice)
    return found


def _contract(suspect: Suspect) -> Cause | None:
    breaches = suspect.result.contract
    if not breaches:
        return None
    what = "; ".join(f"{each.field} is not the student's" for each in breaches)
    return Cause(kind="contract", what=what, advice="export it again; never edit a manifest")


def _kernel(suspect: Suspect) -> Cause | None:
    device = device_named(suspect.device)

    def where(inputs: Inputs) -> WrongLayer | None:
        layers = layers_of(suspect.student.program)
        return other_kernel(device, suspect.bundle, layers, tuple(inputs.values()))

    return find_kernel(suspect.bundle, device, suspect.batches(), where)


def _labels(suspect: Suspect) -> Cause | None:
    logits = suspect.run(suspect.inputs)
    return find_labels(suspect.reference, logits, suspect.manifest.signature.classes)


def _habit(suspect: Suspect) -> Cause | None:
    signature = suspect.student.detector.signature
    images = golden_images(suspect.bundle, signature)
    return find_habit(signature.inputs, images, suspect.inputs, suspect.reference, suspect.run)


def _layer(suspect: Suspect, kind: Literal["layer", "rounding"]) -> Cause | None:
    wrong = suspect.wrong
    if wrong is None or wrong.kind != kind:
        return None
    return Cause(kind=kind, what=f"{wrong.layer}: {wrong.cause}", advice=wrong.advice)


def _threshold(suspect: Suspect) -> Cause | None:
    shift = suspect.result.decision.shift
    if shift is None or shift.kind != "threshold":
        return None
    return Cause(
        kind="threshold",
        what="the scores moved and kept their order",
        advice=f"fix the threshold again on other images; on these {shift.threshold:.4g} does it",
    )


_LOOKS: tuple[Callable[[Suspect], Cause | None], ...] = (
    _contract,
    _kernel,
    _labels,
    _habit,
    partial(_layer, kind="layer"),
    _threshold,
    partial(_layer, kind="rounding"),
)
