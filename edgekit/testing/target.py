"""What every Target promises, tried on the artifacts on disk."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices import local
from edgekit.devices.device import device_named
from edgekit.errors import UnavailableError
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.golden import golden_inputs
from edgekit.exporters.student import Student
from edgekit.files import read_json
from edgekit.manifest import GOLDEN, Manifest, read_manifest
from edgekit.target import Precision, Target, target_named
from edgekit.testing.promise import promise
from edgekit.testing.student import small_student
from edgekit.verification.needs import lacking

# How far an artifact may be from the float student, as a share of the logits' own spread.
TOLERANCES = {"fp32": 1e-4, "fp16": 1e-2, "int8": 0.15, "dynamic": 0.1, "weight_only": 0.1}
# How large it may be, as a share of the fp32 artifact.
SIZES = {"fp32": 1.0, "fp16": 0.6, "int8": 0.45, "dynamic": 1.0, "weight_only": 0.45}


def check_target(target: str | Target, folder: Path, student: Student | None = None) -> list[str]:
    """Build a Target's bundles in all its precisions, and hold each against what a bundle promises.

    `auto` is left out: it is a search, whose result is one of the others.

    Args:
        target: a Target or the name of one.
        folder: where the bundles go, each under `<target>-<precision>`; those there are used.
        student: what they are built from; a small one of edgekit's own when left out.

    Returns:
        one line for each thing that could not be tried on this machine.

    Raises:
        BrokenPromiseError: when something does not hold.
        UnavailableError: when a package that the Target's runtime builds with is not installed.
        EdgekitError: when the converter or the runtime refuses the student.
    """
    wanted = target_named(target) if isinstance(target, str) else target
    student = student or small_student(folder / "samples")
    untried = []
    for precision in precisions_of(wanted):
        bundle = built(wanted, precision, folder, student)
        check_sealed(bundle, wanted, precision, student)
        check_golden(bundle, student)
        check_size(bundle, precision, built(wanted, "fp32", folder, student))
        untried.append(check_answers(bundle, wanted, precision))
    return [line for line in untried if line]


def precisions_of(target: Target) -> list[Precision]:
    """List what is built when a Target is checked."""
    return [precision for precision in target.precisions if precision != "auto"]


def built(target: Target, precision: Precision, folder: Path, student: Student) -> Path:
    """Return a bundle, built unless it is there."""
    bundle = folder / f"{target.name}-{precision}"
    if not bundle.exists():
        export_bundle(student, target, precision, bundle)
    return bundle


def check_sealed(bundle: Path, target: Target, precision: str, student: Student) -> None:
    """Hold the manifest against what was built, and the files against the manifest."""
    manifest, name = read_manifest(bundle), bundle.name
    said, asked = (manifest.target, manifest.precision), (target.name, precision)
    promise(said == asked, f"{name}: its manifest names target and precision {asked}", said)
    kept = manifest.signature == student.detector.signature
    promise(kept, f"{name}: its manifest has the student's Signature", manifest.signature)
    there = (bundle / manifest.artifact).exists()
    promise(there, f"{name}: the builder leaves the artifact that it names", manifest.artifact)
    files, wanted = set(manifest.files), {manifest.artifact, GOLDEN, "labels.txt"}
    promise(files == wanted, f"{name}: the builder leaves its artifact and nothing else", files)
    labels = (bundle / "labels.txt").read_text().split()
    promise(labels == list(manifest.signature.classes), f"{name}: labels are the classes", labels)
    integers = precision == "int8"
    calibrated = manifest.calibration is not None
    promise(calibrated == integers, f"{name}: calibrated in int8 and nowhere else")
    layers = set(manifest.layers.values())
    promise(("int8" in layers) == integers, f"{name}: layers are int8 in int8 only", layers)


def check_golden(bundle: Path, student: Student) -> None:
    """Hold the golden vectors against the float student."""
    inputs, expected = _golden(bundle)
    arrays = tuple(inputs[spec.name] for spec in student.detector.signature.inputs)
    promise(all(len(array) == len(expected) for array in arrays), "as many answers as samples")
    error = float(np.abs(student.detector.logits(arrays) - expected).max())
    promise(error < 1e-4, f"{bundle.name}: golden answers are the float student's", error)
    for sample in read_json(bundle / GOLDEN / "expected.json")["samples"]:
        for file in sample["files"].values():
            promise((bundle / GOLDEN / file).is_file(), f"{bundle.name}: golden sample {file}")


def check_answers(bundle: Path, target: Target, precision: str) -> str | None:
    """Run the artifact on the golden vectors; return why that cannot be done here."""
    manifest = read_manifest(bundle)
    if manifest.golden.max_abs is None:
        return _check_unexecuted(bundle, manifest)
    if lacking(bundle, manifest, device_named("local")):
        return f"{bundle.name} needs a processor with {', '.join(manifest.needs)}"
    inputs, expected = _golden(bundle)
    error = float(np.abs(local.run(bundle, inputs).logits - expected).max())
    limit = TOLERANCES[precision] * float(np.ptp(expected))
    promise(error <= limit, f"{bundle.name}: logits within {limit:.3g} of the student's", error)
    again = abs(manifest.golden.max_abs - error) <= 1e-4
    promise(again, f"{bundle.name}: a second run says what the first did", error)
    evidence = manifest.evidence
    least = evidence is not None and evidence.reaches(target.evidence)
    promise(least, f"{bundle.name}: evidence at least {target.evidence}", evidence)
    return None


def check_size(bundle: Path, precision: str, plain: Path) -> None:
    """Hold the artifact's size against that of the fp32 one."""
    size, whole = (read_manifest(path).size_bytes for path in (bundle, plain))
    limit = SIZES[precision]
    promise(size <= limit * whole, f"{bundle.name}: at most {limit:g} of fp32's {whole} B", size)


def _check_unexecuted(bundle: Path, manifest: Manifest) -> str:
    promise(manifest.evidence in (None, "compiled"), f"{bundle.name}: nothing executed it")
    try:
        local.run(bundle, _golden(bundle)[0])
    except UnavailableError as error:
        noted = f"not executed here: {error.reason}" in manifest.notes
        promise(noted, f"{bundle.name}: its notes say why nothing executed it", manifest.notes)
        return f"{bundle.name}: {error.reason}"
    promise(False, f"{bundle.name}: what runs now ran when it was built")
    raise AssertionError


def _golden(bundle: Path) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    samples = read_json(bundle / GOLDEN / "expected.json")["samples"]
    logits = np.array([sample["logits"] for sample in samples], dtype=np.float32)
    return golden_inputs(bundle, read_manifest(bundle).signature), logits
