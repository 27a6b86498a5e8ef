"""Where two bundles of one student part, or a bundle and the student itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import Device
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


def diff(student: Student, device: Device, first: Path | None, second: Path) -> Diff:
    """Compare layer by layer, on the golden samples of the second bundle.

    An artifact whose runtime is not here is stood for by the Program that it was built from: then
    nothing of it was run, and its evidence is no more than what the build earned.

    Args:
        student: what both were built from.
        device: where artifacts run.
        first: what is right: a bundle's folder, or None for the float student itself.
        second: what is looked at.

    Raises:
        InputError: when a bundle is damaged or of another student, or no layer is in both.
    """
    _manifest(second, student)
    layers = layers_of(student.program)
    inputs = tuple(golden_inputs(second, student.detector.signature).values())
    sides = [_side(student, device, bundle, layers, inputs) for bundle in (first, second)]
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
        wrong=_damage(student, device, second, layers, inputs) or rounded,
    )


def _damage(
    student: Student, device: Device, bundle: Path, layers: Sequence[Layer], inputs: Inputs
) -> WrongLayer | None:
    """Tell a wrong file from wrong kernels: those are wrong only where they are the fast ones."""
    manifest = _manifest(bundle, student)
    if tracer_of(manifest.runner) is None:
        return None
    planned = _simulated(student, manifest, layers, inputs)
    plain = trace_artifact(device, bundle, inputs, layers, plain=True)
    row = first_wrong(compare(layers, planned, plain), DAMAGE)
    if row is not None:
        cause = "the artifact computes it otherwise than the Program it was built from"
        advice = "export it again; if it stays, the converter is wrong there"
        return _wrong(row, "layer", cause, advice)
    return other_kernel(device, bundle, layers, inputs)


def other_kernel(
    device: Device, bundle: Path, layers: Sequence[Layer], inputs: Inputs
) -> WrongLayer | None:
    """Return the first operator that the kernels for a Device's processor compute otherwise.

    Args:
        device: where the artifact runs.
        bundle: its folder.
        layers: of the student's float Program.
        inputs: float32 [N, ...] each, in the student's order.

    Returns:
        as `wrong` of `diff`; None where all kernels agree.
    """
    manifest = read_manifest(bundle)
    if plain_of(manifest.runner) is None:  # an interpreter has no other kernels
        return None
    row = first_other_kernel(kernel_rows(device, bundle, inputs, layers))
    if row is None:
        return None
    about, where = _processor(device, bundle, inputs), f"{row.layer.group} {row.layer.module}"
    cause = described(manifest.runner, about, where)
    return _wrong(row, "kernel", cause, advised(manifest.runner, about, _target(manifest)))


def _processor(device: Device, bundle: Path, inputs: Inputs) -> Mapping[str, object]:
    """Ask a Device for the record of its machine."""
    names = [spec.name for spec in read_manifest(bundle).signature.inputs]
    first = {name: array[:1] for name, array in zip(names, inputs, strict=True)}
    about: Mapping[str, object] = device(bundle, first).timing.environment
    return about


def _side(
    student: Student,
    device: Device,
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
    trace = trace_artifact(device, bundle, inputs, layers)
    return trace, device.evidence(_target(manifest))


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
