"""Traces of OpenVINO IR: the runtime's own kernels, with more outputs."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.runner import OpenVino, openvino_graph
from edgekit.verification.layers.layer import FUSED, Layer
from edgekit.verification.layers.undisturbed import LOGITS, Trace, undisturbed

_PAIR = "FakeQuantize"
# OpenVINO's names of the activation functions that it computes inside of another kernel.
_ACTIVATIONS = ("Clamp", "Gelu", "HSwish", "Relu", "Sigmoid", "Swish")


def trace(
    path: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    plain: bool = False,
) -> Trace:
    """Run an artifact and return the tensors of some layers, float32 [N, C, ...].

    Tensors have the names of the Program's nodes. One that is quantized is read behind its pair.
    What lies between an integer kernel and its activation function is left out, unless the kernels
    are plain: there an output would take the kernel apart.

    Args:
        path: the artifact's folder.
        inputs: float32 [N, ...] each, in the order of the artifact's inputs; N runs of batch 1.
        layers: of the float Program; those that the artifact does not show are left out.
        plain: with pairs computed in float, by a kernel of their own.
    """
    session = OpenVino(str(path), (), threads=1)
    names = [item["name"] for item in session.inputs()]
    made = _tensors(path)
    run = partial(_run, path, names, inputs, plain)
    taps = _taps(made, layers, plain)
    found = run(taps) if plain else undisturbed(run, taps)
    logits = found.pop(LOGITS)
    if layers and layers[-1].name not in made:  # the exporter calls the last tensor by its role
        found[layers[-1].name] = logits
    return found


def operators(path: Path, layers: Sequence[Layer]) -> list[Layer]:
    """List what can be told apart inside the file: the Program's layers keep their names in it."""
    return list(layers)


def _tensors(path: Path) -> dict[str, Any]:
    """Return every output of the graph by the name of its tensor."""
    import openvino

    model = openvino.Core().read_model(openvino_graph(str(path)))
    outputs = [output for node in model.get_ordered_ops() for output in node.outputs()]
    return {name: output for output in outputs for name in output.names}


def _taps(made: Mapping[str, Any], layers: Sequence[Layer], plain: bool) -> dict[str, str]:
    """Return the tensor to read for each layer.

    OpenVINO's reader of ONNX leaves out a ReLU whose pair cuts off at 0: the pair behind the layer
    before it shows the ReLU's result then.
    """
    taps = {}
    for layer in layers:
        if layer.name not in made or (not plain and _inside_a_kernel(made[layer.name])):
            continue
        pair = _pair_behind(made[layer.name])
        readers = [other for other in layers if layer.name in other.inputs]
        gone = [each for each in readers if each.group in FUSED and each.name not in made]
        shown = gone[0] if pair and gone else layer
        taps[shown.name] = next(iter(pair.output(0).names), layer.name) if pair else layer.name
    return taps


def _readers(output: Any) -> list[Any]:
    return [read.get_node() for read in output.get_target_inputs()]


def _pair_behind(output: Any) -> Any:
    return next((node for node in _readers(output) if node.get_type_name() == _PAIR), None)


def _inside_a_kernel(output: Any) -> bool:
    """Tell whether an activation function reads a tensor whose result is quantized."""
    behind = [node for node in _readers(output) if node.get_type_name() in _ACTIVATIONS]
    return any(_pair_behind(node.output(0)) is not None for node in behind)


def _run(
    path: Path,
    names: Sequence[str],
    inputs: tuple[NDArray[np.float32], ...],
    plain: bool,
    taps: Mapping[str, str],
) -> Trace:
    """Run an artifact; return some of its tensors, and its own output as LOGITS."""
    session = OpenVino(str(path), names, 1, plain, taps=sorted(set(taps.values())))
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in (*taps, LOGITS)}
    for index in range(len(inputs[0])):
        rows[LOGITS].append(session.run([array[index : index + 1] for array in inputs]))
        for name, tap in taps.items():
            value = session.request.get_tensor(tap).data
            rows[name].append(np.array(value, dtype=np.float32))
    return {name: np.concatenate(values) for name, values in rows.items()}
