"""Traces of ONNX files by edgekit's own interpreter, which computes what the graph means."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.verification.layers.artifacts import Tapped
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.onnx import taps_of
from edgekit.verification.layers.undisturbed import LOGITS, Trace, named


def trace(run: Tapped, path: Path, layers: Sequence[Layer], plain: bool = False) -> Trace:
    """Return the tensors of some layers of an ONNX file, float32 [N, C, ...].

    Args:
        run: has the file interpreted.
        path: the file.
        layers: of the float Program; those that the file lacks are left out.
        plain: makes no difference: an interpreter has no other kernels.
    """
    import onnx

    taps = taps_of(onnx.load(path).graph, layers)
    found = run(path, list(taps.values()))
    # The exporter calls the last tensor by its role.
    last = {layer.name: LOGITS for layer in layers[-1:] if layer.name not in taps}
    return named(found, {**taps, **last})
