"""Bundles with every kind of damage, one at a time, and what tells whether it was named."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.editor import Editor
from benchmarks.faults.onnx_editor import OnnxEditor
from benchmarks.faults.plant import Fault, artifact_faults, manifest_faults
from benchmarks.faults.tflite_editor import TfliteEditor
from edgekit.exporters.student import Student
from edgekit.manifest import read_manifest, write_manifest
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.programs import layers_of

EDITORS: dict[str, Callable[[Path, list[str]], Editor]] = {
    "onnxruntime": OnnxEditor,
    "reference": OnnxEditor,
    "litert": TfliteEditor,
}
Named = Callable[[dict[str, Any]], bool]
_WEIGHTED = ("convolution", "linear")


def weighted(student: Student) -> list[Layer]:
    """List the convolutions and linears of a student in graph order."""
    return [layer for layer in layers_of(student.program) if layer.group in _WEIGHTED]


def damaged(bundle: Path, student: Student, folder: Path) -> Iterator[tuple[str, Path, Named]]:
    """Yield each kind of damage, a bundle that has it, and what tells whether it was named.

    Args:
        bundle: whole, int8.
        student: what it was built from.
        folder: for the damaged copies, one at a time.
    """
    manifest, signature = read_manifest(bundle), student.detector.signature
    layers = weighted(student)
    rule = signature.inputs[0].preprocessing
    assert rule is not None
    copy = folder / bundle.name
    for name, fault in artifact_faults(rule).items():
        shutil.copytree(bundle, copy)
        editor = EDITORS[manifest.runner](
            copy / manifest.artifact, [each.module for each in layers]
        )
        place = fault.layer(editor) if fault.layer else 0
        fault.plant(editor, place)
        editor.save()
        write_manifest(manifest, copy)
        yield name, copy, _namer(fault, layers[place], student)
        shutil.rmtree(copy)
    for name, (field, edit) in manifest_faults(signature).items():
        shutil.copytree(bundle, copy)
        write_manifest(manifest.model_copy(update={"signature": edit(signature)}), copy)
        yield name, copy, _field_namer(field)
        shutil.rmtree(copy)


def _namer(fault: Fault, layer: Layer, student: Student) -> Named:
    """Accept the layer itself, or what is fused behind it, which is all that a runtime shows."""
    readers = [each for each in layers_of(student.program) if layer.name in each.inputs]
    names = {layer.module, *(each.module for each in readers)}

    def named(cause: dict[str, Any]) -> bool:
        if cause["kind"] != fault.kind or fault.says not in cause["what"]:
            return False
        return fault.kind != "layer" or cause["what"].split(":")[0] in names

    return named


def _field_namer(field: str) -> Named:
    def named(cause: dict[str, Any]) -> bool:
        return bool(cause["kind"] == "contract" and field in cause["what"])

    return named
