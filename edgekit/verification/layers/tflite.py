"""Traces of TFLite files: XNNPACK's kernels or LiteRT's built-in ones, with more outputs."""

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.files import writing
from edgekit.verification.layers.artifacts import Tapped
from edgekit.verification.layers.layer import FUSED, Layer
from edgekit.verification.layers.tflite_file import Operator, operators_of, outputs_of, with_outputs
from edgekit.verification.layers.undisturbed import LOGITS, Trace
from edgekit.verification.tensors import sqnr

_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_GROUPS = ("convolution", "linear")
_SAME_DB = 50.0  # logits that move more with more outputs come from other kernels


def trace(run: Tapped, path: Path, layers: Sequence[Layer], plain: bool = False) -> Trace:
    """Return the tensors of a TFLite file's convolutions and linears, or of `operators`.

    The converter's names say nothing; the order of these operators is the Program's. Where a
    rewrite made more or fewer of them, nothing is returned.

    Args:
        run: runs the file, or a copy of it with more outputs.
        path: the file.
        layers: of the float Program; or what `operators` returned, each of which is traced then.
        plain: makes no difference to what is read.

    Returns:
        float32 [N, C, ...], in the Program's layout, by the layer whose result it is: behind the
        activation function that TFLite fuses. Of `operators` in the file's own layout.
    """
    found = operators_of(path)
    own = {_name(operator): operator.output for operator in found}
    if layers and all(layer.name in own for layer in layers):
        traced = _run(run, path, own.values())
        return {name: traced[tensor] for name, tensor in own.items() if tensor in traced}
    taps = {_seen(layer, layers): tensor for layer, tensor in _weighted(found, layers)}
    traced = _run(run, path, taps.values())
    return {name: _restored(traced[tensor]) for name, tensor in taps.items() if tensor in traced}


def operators(path: Path, layers: Sequence[Layer]) -> list[Layer]:
    """List the file's own operators as layers, each named by the student's module that it follows.

    Args:
        path: the file.
        layers: of the float Program.
    """
    found = operators_of(path)
    marks = {tensor: layer.module for layer, tensor in _weighted(found, layers)}
    makers = {operator.output: _name(operator) for operator in found}
    listed, module = [], "the input"
    for operator in found:
        module = marks.get(operator.output, module)
        reads = tuple(makers[tensor] for tensor in operator.inputs if tensor in makers)
        listed.append(Layer(_name(operator), module, operator.kind, reads))
    return listed


def _name(operator: Operator) -> str:
    return f"{operator.kind} {operator.output}"


def _weighted(found: Sequence[Operator], layers: Sequence[Layer]) -> list[tuple[Layer, int]]:
    """Return the layers with weights and their tensors; none where their numbers differ."""
    wanted = [layer for layer in layers if layer.group in _GROUPS]
    tensors = [operator.output for operator in found if operator.kind in _WEIGHTED]
    return list(zip(wanted, tensors, strict=True)) if len(wanted) == len(tensors) else []


def _run(run: Tapped, path: Path, tensors: Collection[int]) -> dict[int, NDArray[np.float32]]:
    """Return some tensors of a file, float32 [N, ...] by index.

    XNNPACK keeps no tensor that is no output, so the file gets more outputs; where its logits
    change by that, they alone are returned.
    """
    whole, logits = run(path, ())[LOGITS], outputs_of(path)[0]
    wanted = sorted(set(tensors))
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        copy = Path(scratch, path.name)
        with writing(copy):
            copy.write_bytes(with_outputs(path, wanted))
        found = run(copy, [str(tensor) for tensor in wanted])
    same = sqnr(whole, found[LOGITS]) >= _SAME_DB
    shown = {tensor: found[str(tensor)] for tensor in wanted} if same else {}
    return {**shown, logits: whole}


def _seen(layer: Layer, layers: Sequence[Layer]) -> str:
    """Return the layer whose result the operator gives: the activation function behind it."""
    readers = [other for other in layers if layer.name in other.inputs]
    return readers[0].name if len(readers) == 1 and readers[0].group in FUSED else layer.name


def _restored(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a tensor in the Program's layout."""
    return np.ascontiguousarray(value.transpose(0, 3, 1, 2) if value.ndim == 4 else value)
