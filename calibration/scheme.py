"""What a runtime can execute in int8: the Scheme, as data.

A new Scheme is one entry in SCHEMES; a Target names the Scheme it wants. Operators are named by the
groups of `calibration/operators.py`, not by a framework's own names.
"""

from typing import Literal, Self

from pydantic import model_validator

from edgekit.calibration.operators import Group
from edgekit.settings import Settings


class Scheme(Settings):
    """How to place and scale quantize/dequantize pairs.

    Attributes:
        activation: integer type of activations.
        symmetric: zero points of activations are 0, so ranges are widened to be symmetric.
        per_channel: one weight scale per output channel instead of one per tensor.
        weights: integer type of weights: `int8`; `int7`, stored as int8 and at most 64 steps from
            0, for kernels that add two products of 8 bits up in 16, which saturates beyond that
            (255 * 64 * 2 = 32,640 still fits); `uint8` with zero point 128, which other kernels
            multiply.
        operators: groups that run in integers; everything else stays float.
        fused: activation functions that the runtime fuses into the operator before them, so that no
            pair may stand between the two.
        float_output: groups whose operators the runtime lets read integers and give floats.
        integer_activations: activation functions without a kernel of their own that are rewritten
            into integer operators; see `calibration/integer_functions.py`.
        relabels: a tensor of integers may be read with another scale than it was written with
            (in ONNX the scale belongs to the reading operator, in TFLite to the tensor).
        rewrites: names in `calibration/rewrites` that this Scheme needs.
        method: from histogram to range, a name in `calibration/methods.py`.
    """

    activation: Literal["int8", "uint8"]
    symmetric: bool
    per_channel: bool = True
    weights: Literal["int8", "int7", "uint8"] = "int8"
    operators: tuple[Group, ...]
    fused: tuple[Group, ...] = ("relu",)
    float_output: tuple[Group, ...] = ()
    integer_activations: tuple[Group, ...] = ()
    relabels: bool = False
    rewrites: tuple[str, ...] = ()
    method: str = "mse"

    @model_validator(mode="after")
    def _zero_point_0_needs_signed(self) -> Self:
        if self.symmetric and self.activation != "int8":
            raise ValueError("symmetric activations are int8: their zero point is 0")
        return self


# Unsigned activations with signed weights are what ONNX Runtime's fastest kernels on x86 take.
# Without VNNI these add pairs of products up in 16 bits (vpmaddubsw), hence 7 bits.
_ONNX_RUNTIME = Scheme(
    activation="uint8",
    symmetric=False,
    weights="int7",
    operators=("convolution", "linear", "add", "concat", "move"),
    fused=("relu", "clip"),
    float_output=("linear",),
    integer_activations=("hard_swish", "silu"),
    relabels=True,
    rewrites=("depthwise_multiplier", "attention", "flat_tokens"),
    method="percentile",
)
SCHEMES: dict[str, Scheme] = {
    # TensorRT refuses zero points other than 0 (NVIDIA TensorRT developer guide, "Explicit
    # Quantization"); it fuses the operators around the pairs by itself.
    "tensorrt": Scheme(
        activation="int8",
        symmetric=True,
        operators=("convolution", "linear", "matmul", "add", "pool"),
    ),
    "onnxruntime": _ONNX_RUNTIME,
    # With VNNI the same kernels add four products up in 32 bits, in one instruction (vpdpbusd).
    "onnxruntime_vnni": _ONNX_RUNTIME.model_copy(update={"weights": "int8"}),
    # OpenVINO computes an activation function inside of the kernel before it and rounds behind it;
    # oneDNN's kernels under it add up as ONNX Runtime's do ("Saturation (overflow) issue" in the
    # documentation of OpenVINO), hence 7 bits.
    "openvino": _ONNX_RUNTIME.model_copy(
        update={
            "fused": ("relu", "clip", "hard_swish", "silu", "gelu"),
            "integer_activations": (),
            "rewrites": (),
        }
    ),
    # TFLite 8-bit quantization specification: int8 activations with a zero point, int8 weights
    # symmetric per channel; operators that move values keep their input's scale.
    "tflite": Scheme(
        activation="int8",
        symmetric=False,
        operators=("convolution", "linear", "add", "mul", "concat", "pool", "sigmoid", "move"),
        fused=("relu", "clip"),
        integer_activations=("hard_swish", "silu", "gelu"),
        rewrites=(
            "depthwise_multiplier",
            "large_depthwise",
            "large_mean",
            "attention",
            "flat_tokens",
            "patch_softmax",
        ),
        method="percentile",
    ),
    # Core ML tools guide, "Quantization": W8A8 runs on convolutions and linears.
    "coreml": Scheme(
        activation="int8",
        symmetric=True,
        operators=("convolution", "linear"),
    ),
}
