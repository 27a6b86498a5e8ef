"""Traces of ONNX files by edgekit's own interpreter, which computes what the graph means."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.reference import Reference
from edgekit.verification.layers.layer import Layer
from edgekit.verification.layers.onnx import taps_of


def trace(
    path: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    plain: bool = False,
) -> dict[str, NDArray[np.float32]]:
    """Interpret an ONNX file and return the tensors of some layers, float32 [N, C, ...].

    Args:
        path: the file.
        inputs: float32 [N, ...] each, in the order of the file's inputs; N runs of batch 1.
        layers: of the float Program; those that the file lacks are left out.
        plain: makes no difference: an interpreter has no other kernels.
    """
    session = Reference(str(path), (), threads=1)
    taps = taps_of(session.graph, layers)
    if layers and layers[-1].name not in taps:  # the exporter calls the last tensor by its role
        taps[layers[-1].name] = session.graph.output[0].name
    names = [str(item["name"]) for item in session.inputs()]
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in taps}
    for index in range(len(inputs[0])):
        feed = {name: array[index : index + 1] for name, array in zip(names, inputs, strict=True)}
        found = session.tensors(feed, list(taps.values()))
        for name, tap in taps.items():
            rows[name].append(np.asarray(found[tap], dtype=np.float32))
    return {name: np.concatenate(values) for name, values in rows.items()}
