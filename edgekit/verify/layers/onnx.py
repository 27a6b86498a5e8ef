"""Traces of ONNX files: the runtime's own kernels, with more outputs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.verify.layers.layer import Layer


def trace(
    path: Path, inputs: tuple[NDArray[np.float32], ...], layers: Sequence[Layer]
) -> dict[str, NDArray[np.float32]]:
    """Run an ONNX file and return the tensors of some layers, float32 [N, C, ...].

    The exporter gives tensors the names of the Program's nodes. One that is quantized is read
    behind its pair: there ONNX Runtime's fused integer kernels still give it.

    Args:
        path: the file.
        inputs: float32 [N, ...] each, in the order of the file's inputs; N runs of batch 1.
        layers: of the float Program; those that the file lacks are left out.
    """
    import onnx
    import onnxruntime

    model = onnx.load(path)
    taps = taps_of(model.graph, layers)
    present = {output.name for output in model.graph.output}
    added = [onnx.ValueInfoProto(name=tap) for tap in taps.values() if tap not in present]
    model.graph.output.extend(added)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [item.name for item in session.get_inputs()]
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in taps}
    for index in range(len(inputs[0])):
        feed = {name: array[index : index + 1] for name, array in zip(names, inputs, strict=True)}
        found = session.run(list(taps.values()), feed)
        for name, value in zip(taps, found, strict=True):
            rows[name].append(np.asarray(value, dtype=np.float32))
    return {name: np.concatenate(values) for name, values in rows.items()}


def taps_of(graph: Any, layers: Sequence[Layer]) -> dict[str, str]:
    """Return for each layer that the graph has the tensor to read."""
    taps = _taps(graph, [layer.name for layer in layers])
    if layers and layers[-1].name not in taps:  # the exporter calls the last tensor by its role
        taps[layers[-1].name] = graph.output[0].name
    return taps


def _taps(graph: Any, wanted: Iterable[str]) -> dict[str, str]:
    readers: dict[str, list[Any]] = {}
    made = set()
    for node in graph.node:
        made.update(node.output)
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return {name: _behind_pair(name, readers) for name in wanted if name in made}


def _behind_pair(name: str, readers: dict[str, list[Any]]) -> str:
    for node in readers.get(name, []):
        if node.op_type == "QuantizeLinear":
            for other in readers.get(node.output[0], []):
                if other.op_type == "DequantizeLinear":
                    return str(other.output[0])
    return name
