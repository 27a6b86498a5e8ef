"""Where two bundles of one student part, or a bundle and the student itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.export.golden import golden_inputs
from edgekit.export.manifest import Manifest, read_manifest
from edgekit.export.recipe import Recipe, lower
from edgekit.export.student import Student
from edgekit.export.target import target_named
from edgekit.verify.layers.artifacts import TRACERS, trace_artifact
from edgekit.verify.layers.compare import DAMAGE, Row, Trace, compare, first_wrong
from edgekit.verify.layers.layer import Layer
from edgekit.verify.layers.programs import layers_of, trace_program


def diff(student: Student, first: Path | None, second: Path) -> dict[str, Any]:
    """Compare layer by layer, on the golden samples of the second bundle.

    An artifact whose runtime is not here is stood for by the Program that it was built from; its
    evidence is `simulated` then.

    Args:
        student: what both were built from.
        first: what is right: a bundle's folder, or None for the float student itself.
        second: what is looked at.

    Returns:
        `first` and `second` with their evidence, `layers` in graph order with `sqnr_db` and
        `fall_db`, and `wrong`: None, or the first layer that is wrong while what it reads is right,
        with the `kind` of cause (`layer`: the artifact does not compute what it was built from;
        `rounding`), the cause and what to do about it.

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
    return {
        "first": {"bundle": first.name if first else "student", "evidence": sides[0][1]},
        "second": {"bundle": second.name, "evidence": sides[1][1]},
        "layers": [_described(row) for row in rows],
        "wrong": _cause(rows, _damaged(student, second, sides[1][0], layers, inputs)),
    }


def _damaged(
    student: Student,
    bundle: Path,
    trace: Trace,
    layers: Sequence[Layer],
    inputs: tuple[NDArray[np.float32], ...],
) -> Row | None:
    """Return the first layer in which a bundle is not the Program that it was built from."""
    planned = _simulated(student, _manifest(bundle, student), layers, inputs)
    return first_wrong(compare(layers, planned, trace), DAMAGE)


def _side(
    student: Student,
    bundle: Path | None,
    layers: Sequence[Layer],
    inputs: tuple[NDArray[np.float32], ...],
) -> tuple[Trace, str]:
    if bundle is None:
        return trace_program(student.program, inputs, layers), "simulated"
    manifest = _manifest(bundle, student)
    if manifest.runner not in TRACERS:
        return _simulated(student, manifest, layers, inputs), "simulated"
    artifact = bundle / manifest.artifact
    trace = trace_artifact(manifest.runner, artifact, inputs, layers)
    return trace, target_named(manifest.target).evidence


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
    inputs: tuple[NDArray[np.float32], ...],
) -> Trace:
    recipe = Recipe.parse(manifest.recipe, "the manifest")
    return trace_program(lower(student, recipe, folded=False), inputs, layers)


def _described(row: Row) -> dict[str, Any]:
    layer = row.layer
    finite = np.isfinite(row.sqnr_db)
    return {
        "layer": layer.module,
        "group": layer.group,
        "sqnr_db": row.sqnr_db if finite else None,
        "fall_db": row.fall_db if finite else None,
    }


def _cause(rows: Sequence[Row], damaged: Row | None) -> dict[str, Any] | None:
    """Tell rounding, which the Program shows too, from what only the artifact does."""
    if damaged is not None:
        cause = "the artifact computes it otherwise than the Program it was built from"
        advice = "export it again; if it stays, the converter or the runtime is wrong there"
        return {**_described(damaged), "kind": "layer", "cause": cause, "advice": advice}
    row = first_wrong(rows)
    if row is None:
        return None
    cause = "its integers round away too much"
    advice = "keep it float, calibrate by another method, or export with --precision auto"
    return {**_described(row), "kind": "rounding", "cause": cause, "advice": advice}
