"""Operators for `reference.py` that `onnx.reference` computes in float32 or one value at a time.

Sums are made in float64 and rounded to the operands' type at the end, as hardware does that adds
products of float16 up in a wider type. The arguments are ONNX's own names of inputs and attributes
(ONNX operator specification, opset 20).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference.op_run import OpRun
from scipy.special import erf

from edgekit.devices.reference_windows import AveragePool, Conv, MaxPool, rounded

Array = NDArray[Any]


class MatMul(OpRun):
    """Matrix product."""

    op_domain = ""

    def _run(self, a: Array, b: Array) -> Any:
        return rounded(
            np.matmul(a.astype(np.float64, copy=False), b.astype(np.float64, copy=False)), a
        )


class Gemm(OpRun):
    """Matrix product and sum."""

    op_domain = ""

    def _run(self, a: Array, b: Array, c: Array | None = None, **attributes: Any) -> Any:
        left = a.T if attributes.get("transA") else a
        right = b.T if attributes.get("transB") else b
        result = np.matmul(
            left.astype(np.float64, copy=False), right.astype(np.float64, copy=False)
        )
        result = result * attributes.get("alpha", 1.0)
        if c is not None:
            result = result + c.astype(np.float64, copy=False) * attributes.get("beta", 1.0)
        return rounded(result, a)


class DequantizeLinear(OpRun):
    """Integers times their scale, per tensor or along `axis`."""

    op_domain = ""

    def _run(self, x: Array, scale: Array, zero: Array | None = None, **attributes: Any) -> Any:
        axis = attributes["axis"]
        shift = 0 if zero is None else _along(zero.astype(np.float64, copy=False), x, axis)
        result = (x.astype(np.float64, copy=False) - shift) * _along(
            scale.astype(np.float64, copy=False), x, axis
        )
        return rounded(result, scale)


class QuantizeLinear(OpRun):
    """The nearest integers, ties to even, saturated."""

    op_domain = ""

    def _run(self, x: Array, scale: Array, zero: Array | None = None, **attributes: Any) -> Any:
        axis, dtype = attributes["axis"], np.dtype(np.uint8) if zero is None else zero.dtype
        steps = np.rint(
            x.astype(np.float64, copy=False) / _along(scale.astype(np.float64, copy=False), x, axis)
        )
        shifted = (
            steps if zero is None else steps + _along(zero.astype(np.float64, copy=False), x, axis)
        )
        limits = np.iinfo(dtype)
        return (np.clip(shifted, limits.min, limits.max).astype(dtype),)


class Erf(OpRun):
    """The error function."""

    op_domain = ""

    def _run(self, x: Array) -> Any:
        return rounded(erf(x.astype(np.float64, copy=False)), x)


class Gelu(OpRun):
    """GELU, exact or by the hyperbolic tangent."""

    op_domain = ""

    def _run(self, x: Array, approximate: str = "none") -> Any:
        wide = x.astype(np.float64, copy=False)
        if approximate == "tanh":
            inner = np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3))
        else:
            inner = erf(wide / np.sqrt(2))
        return rounded(0.5 * wide * (1 + inner), x)


OPERATORS = (
    Conv, AveragePool, MaxPool, MatMul, Gemm, DequantizeLinear, QuantizeLinear, Erf, Gelu,
)  # fmt: skip


def _along(figures: Array, x: Array, axis: int) -> Array:
    """Lay one figure per channel along an axis; a single one stays single."""
    if figures.size == 1:
        return figures.reshape(())
    shape = [1] * x.ndim
    shape[axis] = -1
    return figures.reshape(shape)
