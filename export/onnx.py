"""ONNX, for ONNX Runtime on CPUs and in browsers."""

from pathlib import Path

import onnx_ir as ir
import torch
from onnx_ir.passes.common import NameFixPass
from torch.export import ExportedProgram

from edgekit.calibration.scheme import SCHEMES
from edgekit.exporters.onnx_bias import quantize_biases
from edgekit.exporters.onnx_zero_points import own_zero_points
from edgekit.exporters.registry import Built
from edgekit.target import Buildable, Target

ARTIFACT = "model.onnx"


def build(program: ExportedProgram, target: Target, precision: Buildable, folder: Path) -> Built:
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
    # A buffer may be called as an input, as the output, or as an operator's result.
    NameFixPass()(exported.model)
    _forget_sources(exported.model)
    quantize_biases(exported.model)
    own_zero_points(exported.model)
    exported.save(str(path))
    if precision == "fp16":
        _halve(path)
    if precision in ("dynamic", "int8_dynamic"):
        _quantize_dynamically(path, SCHEMES[target.scheme].weights == "int7")
    return Built(ARTIFACT)


def _forget_sources(model: ir.Model) -> None:
    """Drop the stack traces that the exporter leaves: paths of the machine that built it."""
    for node in model.graph.all_nodes():
        node.metadata_props.pop("pkg.torch.onnx.stack_trace", None)


def _quantize_dynamically(path: Path, narrow: bool) -> None:
    """Store int8 weights of matrix products; ONNX Runtime finds the activations' scales itself.

    Convolutions stay float: their dynamic kernel (ConvInteger) is many times slower.

    Args:
        path: the float file, which is replaced.
        narrow: keep weights within 7 bits; see `Scheme.weights`.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(path)
    del model.graph.value_info[:]  # the exporter's shapes of transposed weights mislead the tool
    quantize_dynamic(
        model,
        path,
        op_types_to_quantize=["MatMul", "Gemm"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        reduce_range=narrow,
    )


def _halve(path: Path) -> None:
    """Convert weights and arithmetic to float16, with ONNX Runtime's own converter."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16
    from onnxruntime.transformers.onnx_model import OnnxModel

    model = OnnxModel(convert_float_to_float16(onnx.load(path), keep_io_types=True))
    model.topological_sort()  # the converter puts its casts at the end, which ONNX forbids
    onnx.save(model.model, path)
