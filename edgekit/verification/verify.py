"""Judge a bundle: run the artifact on disk over the test images and compare its decisions."""

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.devices.device import Device, device_named
from edgekit.devices.plain import Plain
from edgekit.errors import EdgekitError, InputError
from edgekit.exporters.student import Student
from edgekit.files import write_whole
from edgekit.manifest import Manifest, read_manifest
from edgekit.progress import Progress
from edgekit.results.verification import Verification
from edgekit.signature import Signature
from edgekit.target import target_named
from edgekit.verdict import Verdict
from edgekit.verification.causes.find import Suspect, find_cause
from edgekit.verification.classes import Classes, class_agreement, classes_of
from edgekit.verification.contract import as_app, breaches, in_order
from edgekit.verification.needs import refuse_unfit_processor
from edgekit.verification.parity import Budget, decision_parity
from edgekit.verification.retrieval import retrieval_agreement
from edgekit.verification.tensors import tensor_error

# Samples a process gets: 150 MB of 224-pixel images; those of the next process are read meanwhile.
CHUNK = 256
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
        InputError: when the bundle is damaged.
    """
    manifest = read_manifest(bundle)
    opened = device_named(device)
    refuse_unfit_processor(bundle, manifest, opened)
    own, student = manifest.signature, student or manifest.signature
    logits = artifact_logits(bundle, as_app(data, own, student), opened, progress, kept)
    read = in_order(logits, own, student)
    wanted = scores(reference, student)
    got = scores(read, student.model_copy(update={"positive": own.positive}))
    slices = [sample.slice for sample in data.samples]
    scored = (wanted, got, data.positives, slices, student.threshold)
    classes = classes_of(reference, read, data.labels, student)
    parity = decision_parity(*scored, budget, own=own.threshold, seen=seen, classes=classes)
    changed = _changed(wanted >= student.threshold, got >= own.threshold, classes)
    broken = tuple(breaches(own, student))
    result = Verification(
        verdict=parity.verdict,
        decision=parity.decision,
        failures=parity.failures,
        images_to_decide=parity.images_to_decide,
        target=manifest.target,
        precision=manifest.precision,
        bundle=bundle.name,
        evidence=opened.evidence(target_named(manifest.target)),
        device=opened.name,
        runtime=opened.settings.runtime,
        images=len(data),
        flipped=tuple(data.samples[place].name for place in changed[:FLIPPED]),
        tensor=tensor_error(reference, logits),
        classes=class_agreement(classes),
        retrieval=retrieval_agreement(reference, logits),
        contract=broken,
    )
    return result.failed([each.line() for each in broken]) if broken else result


def _changed(
    wanted: NDArray[np.bool_], got: NDArray[np.bool_], classes: Classes | None
) -> NDArray[np.int64]:
    """Return the places of the images that are decided otherwise, or get another class."""
    changed = wanted != got
    if classes is not None and classes.finite:
        before, after = classes.called
        changed = changed | (before != after)
    return np.flatnonzero(changed)


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
    back = {"verdict": Verdict.INCONCLUSIVE, "images_to_decide": None}
    return result.model_copy(update={**back, "plain": plain})


def artifact_logits(
    bundle: Path,
    data: Dataset,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
) -> NDArray[np.float32]:
    """Run the artifact over a dataset in fresh processes; memory does not grow with the images.

    Args:
        bundle: the bundle's folder.
        data: the samples, opened with the manifest's Signature.
        device: where to run it.
        progress: called with (samples done, samples in all).
        kept: folder of this bundle and these samples alone, where the logits of finished chunks
            stay, so that a run that was killed is carried on; nothing is kept when left out.

    Returns:
        float32 [N, C].
    """
    chunks = [range(at, min(at + CHUNK, len(data))) for at in range(0, len(data), CHUNK)]
    places = {chunk: kept / f"{chunk.start:09d}.npy" for chunk in chunks} if kept else {}
    missing = [chunk for chunk in chunks if chunk not in places or not places[chunk].exists()]
    ahead, opened = _ahead(data, missing), device_named(device)
    rows: list[NDArray[np.float32]] = []
    for chunk in chunks:
        if chunk in missing:
            rows.append(_run(bundle, next(ahead), opened))
            if chunk in places:
                keep(places[chunk], rows[-1])
        else:
            rows.append(np.load(places[chunk], allow_pickle=False))
        if progress:
            progress(chunk.stop, len(data))
    return np.concatenate(rows)


def _ahead(data: Dataset, chunks: Sequence[range]) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Read each chunk while the artifact runs on the one before."""
    names = [spec.name for spec in data.signature.inputs]

    def read(chunk: range) -> dict[str, NDArray[np.float32]]:
        _, arrays = next(data.batches(CHUNK, chunk))
        return dict(zip(names, arrays, strict=True))

    with ThreadPoolExecutor(1) as reader:
        waiting = [reader.submit(read, chunk) for chunk in chunks[:1]]
        for following in [*chunks[1:], None]:
            inputs = waiting.pop().result()
            if following is not None:
                waiting.append(reader.submit(read, following))
            yield inputs


def keep(path: Path, logits: NDArray[np.float32]) -> None:
    """Write logits as a whole: half a chunk must not pass for one after a kill."""
    buffer = io.BytesIO()
    np.save(buffer, logits)
    write_whole(path, buffer.getvalue())


def _run(
    bundle: Path, inputs: dict[str, NDArray[np.float32]], device: Device
) -> NDArray[np.float32]:
    count = len(next(iter(inputs.values())))
    result = device(bundle, inputs)
    if len(result.logits) != count:
        raise EdgekitError(
            f"{bundle} gave {len(result.logits)} results for {count} images",
            "Its output has no batch dimension of its own; export it again",
        )
    return result.logits


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
