"""Where two bundles of one student part, or a bundle and the student itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import device_named
from edgekit.devices.runner import environment, saturates
from edgekit.errors import InputError
from edgekit.evidence import Evidence, weaker
from edgekit.exporters.golden import golden_inputs
from edgekit.exporters.recipe import Recipe, lower
from edgekit.exporters.student import Student
from edgekit.manifest import Manifest, read_manifest
from edgekit.results.layers import Diff, LayerFigure, Side, WrongLayer
from edgekit.target import Target, target_named
from edgekit.verification.kernels import advised, described, plain_of
from edgekit.verification.layers.artifacts import kernel_rows, trace_artifact, tracer_of
from edgekit.verification.layers.compare import (
    DAMAGE,
    NARROW,
    ROUNDING,
    Row,
    Trace,
    compare,
    first_other_kernel,
    first_wrong,
)
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.programs import layers_of, trace_program

Inputs = tuple[NDArray[np.float32], ...]


def diff(student: Student, first: Path | None, second: Path) -> Diff:
    """Compare layer by layer, on the golden samples of the second bundle.

    An artifact whose runtime is not here is stood for by the Program that it was built from: then
    nothing of it was run, and its evidence is no more than what the build earned.

    Args:
        student: what both were built from.
        first: what is right: a bundle's folder, or None for the float student itself.
        second: what is looked at.

    Raises:
        InputError: when a bundle is damaged or of another student, or no layer is in both.
    """
    _manifest(second, student)
    layers = layers_of(student.program)
    inputs = tuple(golden_inputs(second, student.detector.signature).values())
    sides = [_side(student, bundle, layers, inputs) for bundle in (first, second)]
    rows = compare(layers, sides[0][0], sides[1][0])
    if not rows:
        raise InputError(
            f"{second} shows no layer that can be matched", "Compare bundles of another target"
        )
    rounded = _rounding(rows, _manifest(second, student))
    return Diff(
        first=Side(bundle=first.name if first else "student", evidence=sides[0][1]),
        second=Side(bundle=second.name, evidence=sides[1][1]),
        layers=tuple(_figure(row) for row in rows),
        wrong=_damage(student, second, layers, inputs) or rounded,
    )


def _damage(
    student: Student, bundle: Path, layers: Sequence[Layer], inputs: Inputs
) -> WrongLayer | None:
    """Tell a wrong file from wrong kernels: those are wrong only where they are the fast ones."""
    manifest, artifact = _manifest(bundle, student), _artifact(bundle)
    if tracer_of(manifest.runner) is None:
        return None
    planned = _simulated(student, manifest, layers, inputs)
    plain = trace_artifact(manifest.runner, artifact, inputs, layers, plain=True)
    row = first_wrong(compare(layers, planned, plain), DAMAGE)
    if row is not None:
        cause = "the artifact computes it otherwise than the Program it was built from"
        advice = "export it again; if it stays, the converter is wrong there"
        return _wrong(row, "layer", cause, advice)
    return other_kernel(bundle, layers, inputs)


def other_kernel(bundle: Path, layers: Sequence[Layer], inputs: Inputs) -> WrongLayer | None:
    """Return the first operator that the kernels for this processor compute otherwise.

    Args:
        bundle: its folder.
        layers: of the student's float Program.
        inputs: float32 [N, ...] each, in the student's order.

    Returns:
        as `wrong` of `diff`; None where all kernels agree.
    """
    manifest = read_manifest(bundle)
    if plain_of(manifest.runner) is None:  # an interpreter has no other kernels
        return None
    row = first_other_kernel(kernel_rows(manifest.runner, _artifact(bundle), inputs, layers))
    if row is None:
        return None
    asked = {"saturates": manifest.runner == "onnxruntime" and saturates()}
    here, where = {**environment(), **asked}, f"{row.layer.group} {row.layer.module}"
    cause = described(manifest.runner, here, where)
    return _wrong(row, "kernel", cause, advised(manifest.runner, here, _target(manifest)))


def _artifact(bundle: Path) -> Path:
    return bundle / read_manifest(bundle).artifact


def _side(
    student: Student,
    bundle: Path | None,
    layers: Sequence[Layer],
    inputs: Inputs,
) -> tuple[Trace, Evidence | None]:
    if bundle is None:
        return trace_program(student.program, inputs, layers), None
    manifest = _manifest(bundle, student)
    if tracer_of(manifest.runner) is None:
        built = manifest.evidence and weaker(manifest.evidence, Evidence.COMPILED)
        return _simulated(student, manifest, layers, inputs), built
    artifact = bundle / manifest.artifact
    trace = trace_artifact(manifest.runner, artifact, inputs, layers)
    return trace, device_named("local").evidence(_target(manifest))


def _target(manifest: Manifest) -> Target:
    return target_named(manifest.target)


def _manifest(bundle: Path, student: Student) -> Manifest:
    manifest = read_manifest(bundle)
    if manifest.detector_sha256 != student.sha256:
        raise InputError(
            f"{bundle} was built from another student than this project's",
            "Compare bundles of one student, in its own project",
        )
    return manifest


def _simulated(
    student: Student,
    manifest: Manifest,
    layers: Sequence[Layer],
    inputs: Inputs,
) -> Trace:
    recipe = Recipe.parse(manifest.recipe, "the manifest")
    return trace_program(lower(student, recipe, folded=False), inputs, layers)


def _figure(row: Row) -> LayerFigure:
    finite = bool(np.isfinite(row.sqnr_db))
    return LayerFigure(
        layer=row.layer.module,
        group=row.layer.group,
        sqnr_db=row.sqnr_db if finite else None,
        fall_db=row.fall_db if finite else None,
    )


def _wrong(
    row: Row, kind: Literal["layer", "kernel", "rounding"], cause: str, advice: str
) -> WrongLayer:
    return WrongLayer(**dict(_figure(row)), kind=kind, cause=cause, advice=advice)


def _rounding(rows: Sequence[Row], manifest: Manifest) -> WrongLayer | None:
    scheme = manifest.recipe.get("scheme")
    narrow = isinstance(scheme, Mapping) and scheme.get("weights") == "int7"
    row = first_wrong(rows, NARROW if narrow else ROUNDING)
    if row is None:
        return None
    cause = "its integers round away too much"
    advice = "keep it float, calibrate by another method, or export with --precision auto"
    return _wrong(row, "rounding", cause, advice)
