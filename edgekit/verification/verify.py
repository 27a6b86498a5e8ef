"""Judge a bundle: run the artifact on disk over the test images and compare its decisions."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.devices.plain import Plain
from edgekit.errors import InputError
from edgekit.exporters.student import Student
from edgekit.manifest import Manifest, read_manifest
from edgekit.progress import Progress
from edgekit.results.cause import Breach
from edgekit.results.verification import Parity, Verification
from edgekit.signature import Signature
from edgekit.target import target_named
from edgekit.verdict import Verdict
from edgekit.verification.answers import Answers
from edgekit.verification.causes.find import Suspect, find_cause
from edgekit.verification.classes import class_agreement
from edgekit.verification.contract import as_app, breaches
from edgekit.verification.groups import refuse_one_group
from edgekit.verification.logits import artifact_logits
from edgekit.verification.needs import refuse_unfit_processor
from edgekit.verification.parity import Budget, decision_parity
from edgekit.verification.retrieval import retrieval_agreement
from edgekit.verification.tensors import tensor_error

FLIPPED = 32  # images whose names stay in the result


def verify_bundle(
    bundle: Path,
    reference: NDArray[np.float32],
    data: Dataset,
    budget: Budget,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
    student: Signature | None = None,
    seen: Collection[str] | None = None,
) -> Verification:
    """Compare an artifact with the float Detector on the same images.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        reference: the float Detector's logits on `data`, float32 [N, C].
        data: the held-out samples, opened with the student's Signature.
        budget: what the artifact may lose.
        device: where to run it, open or by name.
        progress: called with (samples done, samples in all).
        kept: see `artifact_logits`.
        student: the float Detector's Signature; the manifest's when left out.
        seen: slices that training saw, where that is known.

    Returns:
        the verdict, without a cause. The artifact is used as its manifest says; where that differs
        from the student's Signature, the verdict is `fail` and `contract` says in what.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when the bundle is damaged, or all images are of one group.
    """
    manifest = read_manifest(bundle)
    opened = device_named(device)
    if data.groups is not None:
        refuse_one_group(data.groups)
    refuse_unfit_processor(bundle, manifest, opened, f"judge {bundle.name}")
    own, frozen = manifest.signature, student or manifest.signature
    logits = artifact_logits(bundle, as_app(data, own, frozen), opened, progress, kept)
    both = Answers(data, reference, logits, own, frozen)
    parity = decision_parity(
        *both.scores, data.positives, [sample.slice for sample in data.samples], frozen.threshold,
        budget, own=own.threshold, seen=seen, classes=both.classes,
        groups=data.groups,
    )  # fmt: skip
    broken = tuple(breaches(own, frozen))
    result = _result(bundle.name, manifest, opened, both, parity, broken)
    return result.failed([each.line() for each in broken]) if broken else result


def _result(
    name: str,
    manifest: Manifest,
    device: Device,
    both: Answers,
    parity: Parity,
    broken: tuple[Breach, ...],
) -> Verification:
    return Verification(
        verdict=parity.verdict,
        decision=parity.decision,
        failures=parity.failures,
        images_to_decide=parity.images_to_decide,
        groups=parity.groups,
        groups_to_decide=parity.groups_to_decide,
        target=manifest.target,
        precision=manifest.precision,
        bundle=name,
        evidence=device.evidence(target_named(manifest.target)),
        device=device.name,
        runtime=device.settings.runtime,
        images=len(both.data),
        flipped=tuple(both.flipped[:FLIPPED]),
        tensor=tensor_error(both.reference, both.logits),
        classes=class_agreement(both.classes),
        retrieval=retrieval_agreement(both.reference, both.logits, groups=both.data.groups),
        contract=broken,
    )


def explained(
    bundle: Path,
    student: Student,
    result: Verification,
    device: str | Device = "local",
    data: Dataset | None = None,
    again: Callable[[Device], Verification] | None = None,
) -> Verification:
    """Add the `cause` to a verdict; damage that the images did not show makes it `fail`.

    Kernels of a processor that the Target is not for say nothing about the file: where it does not
    fail with plain ones, the verdict is `inconclusive`, and `plain` the one with those.

    Args:
        bundle: the bundle's folder.
        student: what it was built from.
        result: the verdict, as `verify_bundle` returns it.
        device: where to run the artifact.
        data: the images of the verdict; see `Suspect`.
        again: judges the same images on another Device; a verdict stays when left out.
    """
    found = find_cause(Suspect(bundle, student, result, device, data))
    if found is not None and found.damage:
        result = result.failed([f"{found.kind}: {found.what}"])
    foreign = found is not None and found.foreign and result.verdict is Verdict.FAIL
    if foreign and again is not None:
        result = _elsewhere(result, again(Plain(device_named(device))).verdict)
    return result.model_copy(update={"cause": found})


def _elsewhere(result: Verification, plain: Verdict) -> Verification:
    """Take a verdict back that only kernels of a stranger's processor earned."""
    if plain is Verdict.FAIL:
        return result.model_copy(update={"plain": plain})
    back = {"verdict": Verdict.INCONCLUSIVE, "images_to_decide": None, "groups_to_decide": None}
    return result.model_copy(update={**back, "plain": plain})


def refuse_other_student(manifest: Manifest, bundle: Path, detector_sha256: str) -> None:
    """Refuse to compare an artifact with a Detector that it was not built from.

    Raises:
        InputError: when the hashes differ.
    """
    if manifest.detector_sha256 != detector_sha256:
        raise InputError(
            f"{bundle} was built from another student than this project's",
            "Export it again from this project, or run verify in the project it came from",
        )
