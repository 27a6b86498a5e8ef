"""Traces of OpenVINO IR: the runtime's own kernels, with more outputs."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from edgekit.devices.runner.sessions.openvino import openvino_graph
from edgekit.verification.layers.artifacts import Tapped
from edgekit.verification.layers.layer import FUSED, Layer
from edgekit.verification.layers.undisturbed import LOGITS, Trace, named, undisturbed

_PAIR = "FakeQuantize"
# OpenVINO's names of the activation functions that it computes inside of another kernel.
_ACTIVATIONS = ("Clamp", "Gelu", "HSwish", "Relu", "Sigmoid", "Swish")


def trace(run: Tapped, path: Path, layers: Sequence[Layer], plain: bool = False) -> Trace:
    """Return the tensors of some layers of an artifact, float32 [N, C, ...].

    Tensors have the names of the Program's nodes. One that is quantized is read behind its pair.
    What lies between an integer kernel and its activation function is left out, unless the kernels
    are plain: there an output would take the kernel apart.

    Args:
        run: runs the artifact with more outputs.
        path: the artifact's folder.
        layers: of the float Program; those that the artifact does not show are left out.
        plain: with pairs computed in float, by a kernel of their own.
    """
    made = _tensors(path)
    taps = _taps(made, layers, plain)
    tapping = partial(run, path)
    wanted = sorted(set(taps.values()))
    found = tapping(wanted) if plain else undisturbed(tapping, wanted)
    # The exporter calls the last tensor by its role.
    last = {layer.name: LOGITS for layer in layers[-1:] if layer.name not in made}
    return named(found, {**taps, **last})


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
