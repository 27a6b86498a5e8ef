"""ONNX, for ONNX Runtime on CPUs and in browsers."""

from pathlib import Path

import torch
from torch.export import ExportedProgram

from edgekit.export.registry import Built
from edgekit.export.target import Precision, Target

FOLDED = True
PACKAGES: tuple[str, ...] = ("onnx", "onnxscript", "onnxruntime")
ARTIFACT = "model.onnx"


def build(program: ExportedProgram, target: Target, precision: Precision, folder: Path) -> Built:
    """Write `model.onnx`; see `registry.Runtime.build`.

    fp16 keeps float32 inputs and outputs, so that callers need not change with the precision.
    """
    path = folder / ARTIFACT
    exported = torch.onnx.export(
        program,
        (),
        dynamo=True,
        opset_version=int(target.options["opset"]),
        input_names=[str(name) for name in program.graph_signature.user_inputs],
        output_names=["logits"],
        verbose=False,
    )
    assert exported is not None
    exported.save(str(path))
    if precision == "fp16":
        _halve(path)
    return Built(ARTIFACT)


def _halve(path: Path) -> None:
    """Convert weights and arithmetic to float16, with ONNX Runtime's own converter."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16
    from onnxruntime.transformers.onnx_model import OnnxModel

    model = OnnxModel(convert_float_to_float16(onnx.load(path), keep_io_types=True))
    model.topological_sort()  # the converter puts its casts at the end, which ONNX forbids
    onnx.save(model.model, path)
