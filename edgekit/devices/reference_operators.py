"""Operators for `reference.py` that `onnx.reference` computes in Python loops or in float32.

Sums are made in float64 and rounded to the operands' type at the end, as hardware does that adds
products of float16 up in a wider type. The arguments are ONNX's own names of inputs and attributes
(ONNX operator specification, opset 20).
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx.reference.op_run import OpRun
from scipy.special import erf

Array = NDArray[Any]


class Conv(OpRun):
    """Convolution, any number of dimensions and groups."""

    op_domain = ""

    def _run(self, x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Any:
        _refuse_auto_pad(attributes)
        group, rank = attributes.get("group") or 1, x.ndim - 2
        found = _windows(x, w.shape[2:], attributes, 0.0)
        spatial = found.shape[-rank:]
        columns = found.reshape(len(x), group, -1, int(np.prod(spatial))).astype(
            np.float64, copy=False
        )
        filters = w.astype(np.float64, copy=False).reshape(group, len(w) // group, -1)
        result = np.matmul(filters, columns).reshape(len(x), len(w), *spatial)
        if b is not None:
            result = result + b.astype(np.float64, copy=False).reshape(-1, *[1] * rank)
        return _rounded(result, x)


class AveragePool(OpRun):
    """Average over the places that count: those inside, and pads where the graph says so."""

    op_domain = ""

    def _run(self, x: Array, **attributes: Any) -> Any:
        _refuse_auto_pad(attributes)
        size = attributes["kernel_shape"]
        wide = x.astype(np.float64, copy=False)
        total = _reduced(np.add, _windows(wide, size, attributes, 0.0), size)
        pads = 1.0 if attributes.get("count_include_pad") else 0.0
        ones = np.ones((1, 1, *x.shape[2:]))
        return _rounded(total / _reduced(np.add, _windows(ones, size, attributes, pads), size), x)


class MaxPool(OpRun):
    """Maximum."""

    op_domain = ""

    def _run(self, x: Array, **attributes: Any) -> Any:
        _refuse_auto_pad(attributes)
        if len(self.onnx_node.output) > 1:
            raise NotImplementedError("MaxPool with indices")
        size = attributes["kernel_shape"]
        return (_reduced(np.maximum, _windows(x, size, attributes, -np.inf, -np.inf), size),)


class MatMul(OpRun):
    """Matrix product."""

    op_domain = ""

    def _run(self, a: Array, b: Array) -> Any:
        return _rounded(
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
        return _rounded(result, a)


class DequantizeLinear(OpRun):
    """Integers times their scale, per tensor or along `axis`."""

    op_domain = ""

    def _run(self, x: Array, scale: Array, zero: Array | None = None, **attributes: Any) -> Any:
        axis = attributes["axis"]
        shift = 0 if zero is None else _along(zero.astype(np.float64, copy=False), x, axis)
        result = (x.astype(np.float64, copy=False) - shift) * _along(
            scale.astype(np.float64, copy=False), x, axis
        )
        return _rounded(result, scale)


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
        return _rounded(erf(x.astype(np.float64, copy=False)), x)


class Gelu(OpRun):
    """GELU, exact or by the hyperbolic tangent."""

    op_domain = ""

    def _run(self, x: Array, approximate: str = "none") -> Any:
        wide = x.astype(np.float64, copy=False)
        if approximate == "tanh":
            inner = np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3))
        else:
            inner = erf(wide / np.sqrt(2))
        return _rounded(0.5 * wide * (1 + inner), x)


OPERATORS = (
    Conv, AveragePool, MaxPool, MatMul, Gemm, DequantizeLinear, QuantizeLinear, Erf, Gelu,
)  # fmt: skip


def _refuse_auto_pad(attributes: Any) -> None:
    """Edgekit's exports give every pad as a number; a graph from elsewhere may not."""
    if attributes.get("auto_pad") not in (None, "", "NOTSET"):
        raise NotImplementedError(f"auto_pad {attributes['auto_pad']}")


def _windows(
    x: Array, size: Sequence[int], attributes: Any, fill: float, beyond: float = 0.0
) -> Array:
    """Return what the kernel sees at each place, [N, C, *kernel, *places].

    Args:
        x: [N, C, *edges].
        size: of the kernel.
        attributes: `pads`, `strides`, `dilations` and `ceil_mode` of the operator.
        fill: value of the pads.
        beyond: value of what a size that is rounded up adds behind the pads.
    """
    rank, axes = len(size), tuple(range(2, 2 + len(size)))
    pads = attributes.get("pads") or [0] * 2 * rank
    strides, dilations = (attributes.get(key) or [1] * rank for key in ("strides", "dilations"))
    reach = [(edge - 1) * step + 1 for edge, step in zip(size, dilations, strict=True)]
    padded = _padded(x, pads[:rank], pads[rank:], fill)
    if attributes.get("ceil_mode"):
        ends = [front + edge for front, edge in zip(pads[:rank], x.shape[2:], strict=True)]
        over = map(_overhang, padded.shape[2:], ends, reach, strides)
        padded = _padded(padded, [0] * rank, list(over), beyond)
    found = sliding_window_view(padded, reach, axis=axes)
    every = (
        slice(None),
        slice(None),
        *(slice(None, None, step) for step in (*strides, *dilations)),
    )
    order = (0, 1, *range(2 + rank, 2 + 2 * rank), *axes)
    return np.asarray(found[every].transpose(order))


def _reduced(function: np.ufunc, windows: Array, size: Sequence[int]) -> Array:
    """Reduce windows, tap by tap: many times faster than over short strided axes at once."""
    taps = (windows[(slice(None), slice(None), *place)] for place in np.ndindex(*size))
    return np.asarray(reduce(function, taps))


def _padded(x: Array, before: Sequence[int], after: Sequence[int], fill: float) -> Array:
    if not any((*before, *after)):
        return x
    return np.pad(x, [(0, 0), (0, 0), *zip(before, after, strict=True)], constant_values=fill)


def _overhang(have: int, end: int, reach: int, step: int) -> int:
    """Return how far the last window of a size that is rounded up reaches beyond the pads.

    Args:
        have: edge with its pads.
        end: where the pads behind begin; a window that starts there or later is left out.
        reach: edge of a window.
        step: from window to window.
    """
    places = -(-(have - reach) // step) + 1
    if (places - 1) * step >= end:
        places -= 1
    return max(0, (places - 1) * step + reach - have)


def _along(figures: Array, x: Array, axis: int) -> Array:
    """Lay one figure per channel along an axis; a single one stays single."""
    if figures.size == 1:
        return figures.reshape(())
    shape = [1] * x.ndim
    shape[axis] = -1
    return figures.reshape(shape)


def _rounded(value: Array, like: Array) -> tuple[Array]:
    with np.errstate(over="ignore"):  # an overflow is what float16 gives
        return (value.astype(like.dtype, copy=False),)
