"""Traces of TFLite files: XNNPACK's kernels or LiteRT's built-in ones, with more outputs."""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.runner import LiteRT, to_floats
from edgekit.verification.layers.layer import FUSED, Layer
from edgekit.verification.layers.tflite_file import Operator, operators_of, with_outputs
from edgekit.verification.tensors import sqnr

_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_GROUPS = ("convolution", "linear")
_SAME_DB = 50.0  # logits that move more with more outputs come from other kernels
Trace = dict[str, NDArray[np.float32]]


def trace(
    path: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    plain: bool = False,
) -> Trace:
    """Run a TFLite file and return the tensors of its convolutions and linears, or of `operators`.

    The converter's names say nothing; the order of these operators is the Program's. Where a
    rewrite made more or fewer of them, nothing is returned.

    Args:
        path: the file.
        inputs: float32 [N, ...] each, in the student's order; N runs.
        layers: of the float Program; or what `operators` returned, each of which is traced then.
        plain: with LiteRT's built-in kernels instead of XNNPACK's.

    Returns:
        float32 [N, C, ...], in the Program's layout, by the layer whose result it is: behind the
        activation function that TFLite fuses. Of `operators` in the file's own layout.
    """
    found = operators_of(path)
    own = {_name(operator): operator.output for operator in found}
    if layers and all(layer.name in own for layer in layers):
        traced = _run(path, set(own.values()), inputs, plain)
        return {name: traced[tensor] for name, tensor in own.items() if tensor in traced}
    taps = {_seen(layer, layers): tensor for layer, tensor in _weighted(found, layers)}
    traced = _run(path, set(taps.values()), inputs, plain)
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


def _run(
    path: Path, wanted: Collection[int], inputs: tuple[NDArray[np.float32], ...], plain: bool
) -> dict[int, NDArray[np.float32]]:
    """Return some tensors of a file, float32 [N, ...] by index.

    XNNPACK keeps no tensor that is no output, so the file gets more outputs; where its logits
    change by that, they alone are returned.
    """
    whole = _rows(path, (), inputs, plain)
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        copy = Path(scratch, path.name)
        copy.write_bytes(with_outputs(path, sorted(wanted)))
        found = _rows(copy, wanted, inputs, plain)
    same = all(sqnr(whole[tensor], found[tensor]) >= _SAME_DB for tensor in whole)
    return {**found, **whole} if same else whole


def _rows(
    path: Path, wanted: Collection[int], inputs: tuple[NDArray[np.float32], ...], plain: bool
) -> dict[int, NDArray[np.float32]]:
    session = LiteRT(str(path), (), threads=1, plain=plain)
    kept = {*wanted, session.output["index"]}
    details = {item["index"]: item for item in session.model.get_output_details()}
    rows: Mapping[int, list[NDArray[np.float32]]] = {tensor: [] for tensor in kept}
    for index in range(len(inputs[0])):
        session.run([array[index : index + 1] for array in inputs])
        for tensor in kept:
            value = session.model.get_tensor(tensor)
            rows[tensor].append(to_floats(value, details[tensor]))
    return {tensor: np.concatenate(found) for tensor, found in rows.items()}


def _seen(layer: Layer, layers: Sequence[Layer]) -> str:
    """Return the layer whose result the operator gives: the activation function behind it."""
    readers = [other for other in layers if layer.name in other.inputs]
    return readers[0].name if len(readers) == 1 and readers[0].group in FUSED else layer.name


def _restored(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a tensor in the Program's layout."""
    return np.ascontiguousarray(value.transpose(0, 3, 1, 2) if value.ndim == 4 else value)
