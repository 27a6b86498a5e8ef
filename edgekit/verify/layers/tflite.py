"""Traces of TFLite files, by LiteRT's built-in kernels.

XNNPACK keeps no tensors, so it is left out: what it alone gets wrong is in no trace.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.runner import LiteRT, to_floats
from edgekit.verify.layers.layer import Layer

_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_GROUPS = ("convolution", "linear")
_FUSED = ("relu", "clip")


def trace(
    path: Path, inputs: tuple[NDArray[np.float32], ...], layers: Sequence[Layer]
) -> dict[str, NDArray[np.float32]]:
    """Run a TFLite file and return the tensors of its convolutions and linears.

    The converter's names say nothing; the order of these operators is the Program's. Where a
    rewrite made more or fewer of them, nothing is returned.

    Args:
        path: the file.
        inputs: float32 [N, ...] each, in the student's order; N runs.
        layers: of the float Program.

    Returns:
        float32 [N, C, ...], in the Program's layout, by the layer whose result it is: behind the
        activation function that TFLite fuses.
    """
    from ai_edge_litert.interpreter import OpResolverType

    session = LiteRT(
        str(path),
        (),
        threads=1,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    wanted = [_seen(layer, layers) for layer in layers if layer.group in _GROUPS]
    operators = [op for op in session.model._get_ops_details() if op["op_name"] in _WEIGHTED]
    if len(wanted) != len(operators):
        return {}
    details = {item["index"]: item for item in session.model.get_tensor_details()}
    taps = {name: details[op["outputs"][0]] for name, op in zip(wanted, operators, strict=True)}
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in taps}
    for index in range(len(inputs[0])):
        session.run([array[index : index + 1] for array in inputs])
        for name, detail in taps.items():
            rows[name].append(_restored(session.model.get_tensor(detail["index"]), detail))
    return {name: np.concatenate(found) for name, found in rows.items()}


def _seen(layer: Layer, layers: Sequence[Layer]) -> str:
    """Return the layer whose result the operator gives: the activation function behind it."""
    readers = [other for other in layers if layer.name in other.inputs]
    return readers[0].name if len(readers) == 1 and readers[0].group in _FUSED else layer.name


def _restored(value: NDArray[Any], detail: dict[str, Any]) -> NDArray[np.float32]:
    """Return floats in the Program's layout."""
    floats = to_floats(value, detail)
    return np.ascontiguousarray(floats.transpose(0, 3, 1, 2) if floats.ndim == 4 else floats)
