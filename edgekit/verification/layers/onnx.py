"""Traces of ONNX files: the runtime's own kernels, with more outputs."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.undisturbed import LOGITS, Trace, undisturbed


def trace(
    path: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    plain: bool = False,
) -> Trace:
    """Run an ONNX file and return the tensors of some layers, float32 [N, C, ...].

    The exporter gives tensors the names of the Program's nodes. One that is quantized is read
    behind its pair: there ONNX Runtime's fused integer kernels still give it. An output that would
    take a fused kernel apart is left out, unless the kernels are plain.

    Args:
        path: the file.
        inputs: float32 [N, ...] each, in the order of the file's inputs; N runs of batch 1.
        layers: of the float Program; those that the file does not show are left out.
        plain: with each operator as the file says, none fused or replaced.
    """
    import onnx

    model = onnx.load(path)
    graph, readers = model.graph, _readers(model.graph)
    made = {name for node in graph.node for name in node.output}
    taps = taps_of(graph, layers)
    if not plain:
        taps = {name: tap for name, tap in taps.items() if not _fused(name, graph, readers)}
    run = partial(_run, model, inputs, plain)
    found = run(taps) if plain else undisturbed(run, taps)
    logits = found.pop(LOGITS)
    if layers and layers[-1].name not in made:  # the exporter calls the last tensor by its role
        found[layers[-1].name] = logits
    return found


def taps_of(graph: Any, layers: Sequence[Layer]) -> dict[str, str]:
    """Return the tensor to read for each layer that the graph has: behind its pair, if any."""
    made, readers = {name for node in graph.node for name in node.output}, _readers(graph)
    wanted = [layer.name for layer in layers if layer.name in made]
    return {name: _behind_pair(name, readers) for name in wanted}


def operators(path: Path, layers: Sequence[Layer]) -> list[Layer]:
    """List what can be told apart inside the file: the Program's layers keep their names in it."""
    return list(layers)


def _run(
    model: Any, inputs: tuple[NDArray[np.float32], ...], plain: bool, taps: Mapping[str, str]
) -> Trace:
    """Run a model and return some of its tensors, and its own output as `LOGITS`."""
    taps = {**taps, LOGITS: model.graph.output[0].name}
    session = _session(model, taps, plain)
    names = [item.name for item in session.get_inputs()]
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in taps}
    for index in range(len(inputs[0])):
        feed = {name: array[index : index + 1] for name, array in zip(names, inputs, strict=True)}
        found = session.run(list(taps.values()), feed)
        for name, value in zip(taps, found, strict=True):
            rows[name].append(np.asarray(value, dtype=np.float32))
    return {name: np.concatenate(values) for name, values in rows.items()}


def _session(model: Any, taps: Mapping[str, str], plain: bool) -> Any:
    import onnx
    import onnxruntime

    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    present = {output.name for output in model.graph.output}
    added = [onnx.ValueInfoProto(name=tap) for tap in taps.values() if tap not in present]
    tapped.graph.output.extend(added)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if plain:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        tapped.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _readers(graph: Any) -> dict[str, list[Any]]:
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return readers


def _behind_pair(name: str, readers: Mapping[str, list[Any]]) -> str:
    for node in readers.get(name, []):
        if node.op_type == "QuantizeLinear":
            for other in readers.get(node.output[0], []):
                if other.op_type == "DequantizeLinear":
                    return str(other.output[0])
    return name


def _fused(name: str, graph: Any, readers: Mapping[str, list[Any]]) -> bool:
    """Tell whether a tensor exists inside of one integer kernel only: ahead of its activation."""
    if _behind_pair(name, readers) != name:
        return False
    node = next(node for node in graph.node if name in node.output)
    integers = {
        out for each in graph.node if each.op_type == "DequantizeLinear" for out in each.output
    }
    behind = [output for reader in readers.get(name, []) for output in reader.output]
    return bool(integers & set(node.input)) and any(
        _behind_pair(output, readers) != output for output in behind
    )
