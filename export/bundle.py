"""Make a bundle: build the artifact, run its golden vectors, seal it, put it in place."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.export import ExportedProgram

from edgekit.calibration.layers import layer_precisions
from edgekit.devices import local
from edgekit.devices.device import device_named
from edgekit.errors import EdgekitError, InputError, OutputError, UnavailableError
from edgekit.evidence import stronger
from edgekit.exporters.golden import write_golden
from edgekit.exporters.recipe import Recipe, default_recipe, lower
from edgekit.exporters.refusal import refusal
from edgekit.exporters.registry import Built, builder_of
from edgekit.exporters.student import Student
from edgekit.files import whole_folder, write_whole
from edgekit.hashes import size_of
from edgekit.manifest import NAME, Calibration, Golden, Manifest, write_manifest
from edgekit.runtimes import packages, runtime_named
from edgekit.target import HALVED, Precision, Target

GOLDEN_SAMPLES = 8
_NEEDS = {
    "vnni": "right on x86 processors with VNNI only: others add its products up in 16 bits, which "
    "saturate; --target x86 is right on every one",
    "fp16": "what is not in integers runs in fp16 where the processor has its arithmetic, else in "
    "fp32: the golden vectors may have run in fp32",
}
_TOOLS = ("edgekit", "torch", "timm")  # and what the Runtimes use


def export_bundle(
    student: Student,
    target: Target,
    precision: Precision,
    path: Path,
    recipe: Recipe | None = None,
    notes: tuple[str, ...] = (),
) -> Manifest:
    """Build one bundle at `path`; it appears whole or not at all.

    Args:
        student: what to build from.
        target: for which device family.
        precision: in which precision.
        recipe: how to make the artifact; the Target's own for that precision when left out.
        notes: what the manifest shall say of how that was chosen.
        path: the bundle's folder; an older bundle there is replaced, anything else is not.

    Raises:
        UnavailableError: when the target's runtime cannot be built with here.
        OutputError: when `path` is something else than a bundle, or cannot be written.
        EdgekitError: when the converter or the runtime refuses the student.
    """
    refuse_foreign(path)
    builder_of(runtime_named(target.runtime))  # before any long work
    recipe = recipe or default_recipe(target, precision)
    with whole_folder(path) as work:
        inputs, expected = write_golden(work, student.detector, student.data, GOLDEN_SAMPLES)
        labels = "\n".join(student.detector.signature.classes) + "\n"
        write_whole(work / "labels.txt", labels.encode())
        draft = draft_bundle(student, target, precision, recipe, work, len(expected))
        draft = draft.model_copy(update={"notes": (*notes, *draft.notes)})
        return write_manifest(_tried(draft, target, work, inputs, expected), work)


def draft_bundle(
    student: Student,
    target: Target,
    precision: Precision,
    recipe: Recipe,
    work: Path,
    samples: int,
) -> Manifest:
    """Build the artifact beside its golden vectors, sealed and not run yet.

    Args:
        student: what to build from.
        target: for which device family.
        precision: what was asked for.
        recipe: how to make the artifact.
        work: the folder; it holds `golden/` already.
        samples: how many golden vectors there are.
    """
    program = lower(student, recipe, runtime_named(target.runtime).folded)
    built = build_artifact(program, target, recipe, work)
    golden = Golden(samples=samples, max_abs=None)
    draft = _manifest(student, target, precision, recipe, built, work, program, golden)
    return write_manifest(draft, work)


def refuse_foreign(path: Path) -> None:
    """Refuse to replace a folder that edgekit did not make."""
    if path.exists() and not (path / NAME).is_file() and (path.is_file() or any(path.iterdir())):
        raise OutputError(f"{path} exists and is no bundle", "Name another folder or remove it")


def build_artifact(program: ExportedProgram, target: Target, recipe: Recipe, work: Path) -> Built:
    """Build the artifact of a lowered Program; the converter's many errors become one.

    Raises:
        EdgekitError: when the converter refuses the Program, naming the operator and its module.
    """
    builder = builder_of(runtime_named(target.runtime))
    try:
        return builder.build(program, target, recipe.precision, work)
    except (InputError, OutputError, UnavailableError, OSError, MemoryError):
        raise
    except Exception as error:  # converters raise every type there is, all about the model
        raise refusal(error, program, target, recipe) from error


def _manifest(
    student: Student,
    target: Target,
    precision: Precision,
    recipe: Recipe,
    built: Built,
    work: Path,
    program: ExportedProgram,
    golden: Golden,
) -> Manifest:
    calibration = None
    if recipe.scheme is not None:
        calibration = Calibration(
            samples=student.ranges.samples,
            data_sha256=student.ranges.data_sha256,
            scheme=target.scheme,
            method=recipe.scheme.method,
        )
    return Manifest(
        target=target.name,
        runtime=target.runtime,
        runner=target.runner,
        precision=precision,
        artifact=built.artifact,
        size_bytes=size_of(work / built.artifact),
        evidence=built.evidence,
        signature=student.detector.signature,
        layers=layer_precisions(program, recipe.precision, target.dynamic),
        detector_sha256=student.sha256,
        calibration=calibration,
        needs=needs_of(target, recipe),
        recipe=recipe.to_json(),
        golden=golden,
        tools=_versions(),
        notes=(*built.notes, *map(_NEEDS.__getitem__, needs_of(target, recipe))),
    )


def needs_of(target: Target, recipe: Recipe) -> tuple[str, ...]:
    """Return what a processor must have for an artifact to compute what was built."""
    needing = {"vnni": ("int8", "int8_dynamic", "dynamic"), "fp16": HALVED}
    return tuple(name for name in target.needs if recipe.precision in needing[name])


def _tried(
    draft: Manifest,
    target: Target,
    work: Path,
    inputs: dict[str, NDArray[np.float32]],
    expected: NDArray[np.float32],
) -> Manifest:
    """Load the artifact in a fresh process and run the golden vectors, where that is possible.

    A bundle whose artifact its own runtime refuses never appears.
    """
    try:
        result = local.run(work, inputs)
    except UnavailableError as error:
        return draft.model_copy(
            update={"notes": (*draft.notes, f"not executed here: {error.reason}")}
        )
    if not np.isfinite(result.logits).all():
        raise EdgekitError(
            f"the {draft.precision} artifact for {target.name} gives NaN or infinity",
            "Export another precision",
        )
    earned = device_named("local").evidence(target)
    return draft.model_copy(
        update={
            "evidence": stronger(draft.evidence or earned, earned),
            "artifact_inputs": tuple(result.inputs),
            "golden": Golden(
                samples=len(expected), max_abs=float(np.abs(result.logits - expected).max())
            ),
        }
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in (*_TOOLS, *packages()):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
