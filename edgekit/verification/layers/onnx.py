"""Traces of ONNX files: the runtime's own kernels, with more outputs."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from edgekit.files import writing
from edgekit.verification.layers.artifacts import Tapped
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.undisturbed import LOGITS, Trace, named, undisturbed


def trace(run: Tapped, path: Path, layers: Sequence[Layer], plain: bool = False) -> Trace:
    """Return the tensors of some layers of an ONNX file, float32 [N, C, ...].

    The exporter gives tensors the names of the Program's nodes. One that is quantized is read
    behind its pair: there ONNX Runtime's fused integer kernels still give it. An output that would
    take a fused kernel apart is left out, unless the kernels are plain.

    Args:
        run: runs the file, or a copy of it with more outputs.
        path: the file.
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
    tapping = partial(_run, run, path, model)
    wanted = list(dict.fromkeys(taps.values()))
    found = tapping(wanted) if plain else undisturbed(tapping, wanted)
    # The exporter calls the last tensor by its role.
    last = {layer.name: LOGITS for layer in layers[-1:] if layer.name not in made}
    return named(found, {**taps, **last})


def taps_of(graph: Any, layers: Sequence[Layer]) -> dict[str, str]:
    """Return the tensor to read for each layer that the graph has: behind its pair, if any."""
    made, readers = {name for node in graph.node for name in node.output}, _readers(graph)
    wanted = [layer.name for layer in layers if layer.name in made]
    return {name: _behind_pair(name, readers) for name in wanted}


def operators(path: Path, layers: Sequence[Layer]) -> list[Layer]:
    """List what can be told apart inside the file: the Program's layers keep their names in it."""
    return list(layers)


def _run(run: Tapped, path: Path, model: Any, tensors: Sequence[str]) -> Trace:
    """Run a model, or a copy of its file with more outputs; return those, and its own as LOGITS."""
    if not tensors:
        return run(path, ())
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        copy = Path(scratch, path.name)
        with writing(copy):
            copy.write_bytes(_with_outputs(model, tensors))
        return run(copy, tensors)


def _with_outputs(model: Any, tensors: Sequence[str]) -> bytes:
    """Return a model's file with more outputs, behind its own."""
    import onnx

    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    present = {output.name for output in model.graph.output}
    added = [onnx.ValueInfoProto(name=name) for name in tensors if name not in present]
    tapped.graph.output.extend(added)
    return bytes(tapped.SerializeToString())


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
