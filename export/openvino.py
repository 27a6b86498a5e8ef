"""OpenVINO IR, for OpenVINO on x86-64 processors: a folder with `model.xml` and `model.bin`.

OpenVINO reads the same ONNX file that ONNX Runtime would get. Its reader turns quantize/dequantize
pairs into FakeQuantize operators, and the processor's plugin those into integer kernels when the
artifact is loaded ("Low Precision Transformations" in OpenVINO's documentation).
"""

import tempfile
from pathlib import Path

from torch.export import ExportedProgram

from edgekit.exporters import onnx as onnx_runtime
from edgekit.exporters.registry import Built
from edgekit.target import Buildable, Target

ARTIFACT = "model.openvino"
GRAPH = "model.xml"


def build(program: ExportedProgram, target: Target, precision: Buildable, folder: Path) -> Built:
    """Write `model.openvino`; see `registry.Builder.build`.

    fp16 stores weights as float16; the runner computes in float32 with them, so that an artifact
    decides the same on processors with and without arithmetic of 16 bits.
    """
    import openvino

    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        written: Buildable = "int8" if precision == "int8" else "fp32"
        built = onnx_runtime.build(program, target, written, Path(scratch))
        # Not `openvino.convert_model`, which reports its use over the network.
        model = openvino.Core().read_model(Path(scratch, built.artifact))
        saved = Path(scratch, ARTIFACT)
        openvino.save_model(model, saved / GRAPH, compress_to_fp16=precision == "fp16")
        _move(saved, folder / ARTIFACT)
    return Built(ARTIFACT)


def _move(saved: Path, artifact: Path) -> None:
    """Write the artifact's files. Not OpenVINO itself, which does not say that a disk is full."""
    artifact.mkdir(exist_ok=True)
    for file in saved.iterdir():
        (artifact / file.name).write_bytes(file.read_bytes())
