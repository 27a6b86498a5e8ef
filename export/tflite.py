"""TFLite, for LiteRT on Android, Raspberry Pi and other ARM boards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.export import ExportedProgram

from edgekit.calibration.program import unlift
from edgekit.exporters.registry import Built
from edgekit.exporters.tflite_half import permit_fp16
from edgekit.exporters.tflite_layout import register_padding, separate_readers
from edgekit.exporters.tflite_pad import plain_padding
from edgekit.target import HALVED, Buildable, Target

ARTIFACT = "model.tflite"
_INTEGERS = ("int8", "int8_dynamic")


def build(program: ExportedProgram, target: Target, precision: Buildable, folder: Path) -> Built:
    """Write `model.tflite`; see `registry.Runtime.build`.

    fp16 stores weights as float16, TFLite's convention, and every processor widens them once when
    the model loads. It is `needs` of a Target that lets the runtime compute in fp16.
    """
    import litert_torch

    register_padding()
    assert program.example_inputs is not None
    graph = unlift(program)
    separate_readers(graph)
    model = litert_torch.convert(
        graph,
        program.example_inputs[0],
        quant_config=_static_int8() if precision in _INTEGERS else None,
    )
    content = model.model_content()
    # Not written by the converter: on a full disk it takes the whole process down.
    if precision in _INTEGERS:
        content = plain_padding(content)
    finished = _FINISH.get(precision, bytes)(content)
    if "fp16" in target.needs and precision in HALVED:
        finished = permit_fp16(finished)
    (folder / ARTIFACT).write_bytes(finished)
    return Built(ARTIFACT)


def _static_int8() -> Any:
    """Tell the converter that quantize/dequantize pairs mean integer kernels.

    The quantizer inside is not used: the Program has its pairs already. The converter reads from
    it only that the pairs are static.
    """
    from litert_torch.quantize.pt2e_quantizer import (
        PT2EQuantizer,
        get_symmetric_quantization_config,
    )
    from litert_torch.quantize.quant_config import QuantConfig

    static = get_symmetric_quantization_config(is_per_channel=True, is_dynamic=False)
    return QuantConfig(pt2e_quantizer=PT2EQuantizer().set_global(static))


def _dynamic(content: bytes) -> bytes:
    """Store int8 weights; the runtime finds the scales of activations for each image.

    What is quantized already stays as it is.
    """
    from ai_edge_quantizer import quantizer, recipe

    tool = quantizer.Quantizer(content, recipe.dynamic_wi8_afp32())
    return bytes(tool.quantize().quantized_model)


def _weight_only(content: bytes) -> bytes:
    """Store int8 weights; the runtime computes in float."""
    from ai_edge_quantizer import quantizer, recipe

    tool = quantizer.Quantizer(content, recipe.weight_only_wi8_afp32())
    return bytes(tool.quantize().quantized_model)


def _halved(content: bytes) -> bytes:
    from ai_edge_quantizer import algorithm_manager, qtyping, quantizer

    tool = quantizer.Quantizer(content)
    tool.update_quantization_recipe(
        regex=".*",
        operation_name=qtyping.TFLOperationName.ALL_SUPPORTED,
        op_config=qtyping.OpQuantizationConfig(
            weight_tensor_config=qtyping.TensorQuantizationConfig(
                num_bits=16, dtype=qtyping.TensorDataType.FLOAT
            ),
            compute_precision=qtyping.ComputePrecision.FLOAT,
            explicit_dequantize=True,
        ),
        algorithm_key=algorithm_manager.AlgorithmName.FLOAT_CASTING,
    )
    return bytes(tool.quantize().quantized_model)


# What is done to the float file that the converter wrote.
_FINISH: dict[str, Callable[[bytes], bytes]] = {
    "fp16": _halved,
    "dynamic": _dynamic,
    "int8_dynamic": _dynamic,
    "weight_only": _weight_only,
}
