"""Convolution and pooling for `reference.py`: what a window sees, place by place.

`onnx.reference` walks over the places in Python; here they are axes of one view of the input.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx.reference.op_run import OpRun

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
        return rounded(result, x)


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
        return rounded(total / _reduced(np.add, _windows(ones, size, attributes, pads), size), x)


class MaxPool(OpRun):
    """Maximum."""

    op_domain = ""

    def _run(self, x: Array, **attributes: Any) -> Any:
        _refuse_auto_pad(attributes)
        if len(self.onnx_node.output) > 1:
            raise NotImplementedError("MaxPool with indices")
        size = attributes["kernel_shape"]
        return (_reduced(np.maximum, _windows(x, size, attributes, -np.inf, -np.inf), size),)


def rounded(value: Array, like: Array) -> tuple[Array]:
    """Round what was computed in float64 to the operands' type, as the one result."""
    with np.errstate(over="ignore"):  # an overflow is what float16 gives
        return (value.astype(like.dtype, copy=False),)


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
