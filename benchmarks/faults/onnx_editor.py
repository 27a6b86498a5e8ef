"""Edits ONNX files with quantize/dequantize pairs."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from benchmarks.faults.editor import Array, Editor


class OnnxEditor(Editor):
    """See `Editor`."""

    def __init__(self, path: Path, names: list[str]) -> None:
        super().__init__(path, names)
        self._model = onnx.load(path)
        graph = self._model.graph
        self._constants = {item.name: item for item in graph.initializer}
        self._makers = {name: node for node in graph.node for name in node.output}
        self._nodes = [node for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]

    def weight(self, layer: int) -> Array:
        """See `Editor`."""
        return numpy_helper.to_array(self._constants[self._stored(layer)])

    def set_weight(self, layer: int, weight: Array) -> None:
        """See `Editor`."""
        self._set(self._stored(layer), weight)

    def scale(self, layer: int) -> NDArray[np.float32]:
        """See `Editor`."""
        return np.atleast_1d(numpy_helper.to_array(self._constants[self._pair(layer).input[1]]))

    def set_scale(self, layer: int, scale: NDArray[np.float32]) -> None:
        """See `Editor`."""
        name = self._pair(layer).input[1]
        fresh = f"{name}_of_{layer}"  # layers may share a constant
        self._model.graph.initializer.append(numpy_helper.from_array(scale, fresh))
        self._pair(layer).input[1] = fresh

    def bias(self, layer: int) -> NDArray[np.float64]:
        """See `Editor`."""
        found = numpy_helper.to_array(self._constants[self._nodes[layer].input[2]])
        return np.asarray(found, dtype=np.float64)

    def set_bias(self, layer: int, bias: NDArray[np.float64]) -> None:
        """See `Editor`."""
        self._set(self._nodes[layer].input[2], bias.astype(np.float32))

    def squeeze_output(self, layer: int, factor: float, shift: int) -> None:
        """See `Editor`."""
        quantize = self._behind(self._nodes[layer].output[0])
        fresh = f"squeezed_{layer}"
        scale = numpy_helper.to_array(self._constants[quantize.input[1]]) * np.float32(factor)
        zero = numpy_helper.to_array(self._constants[quantize.input[2]])
        moved = np.clip(zero.astype(np.int32) + shift, -128, 127).astype(zero.dtype)
        for name, value in ((fresh, scale), (f"{fresh}_zero", moved)):
            self._model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        for node in (quantize, *self._readers(quantize.output[0])):
            node.input[1], node.input[2] = fresh, f"{fresh}_zero"

    def misread_layout(self) -> None:
        """See `Editor`."""
        graph = self._model.graph
        given = graph.input[0]
        _, channels, height, width = (size.dim_value for size in given.type.tensor_type.shape.dim)
        for node in self._readers(given.name):
            node.input[0] = "misread"
        shape = numpy_helper.from_array(np.array([1, height, width, channels]), "misread_shape")
        graph.initializer.append(shape)
        reshape = helper.make_node("Reshape", [given.name, "misread_shape"], ["misread_nhwc"])
        turn = helper.make_node("Transpose", ["misread_nhwc"], ["misread"], perm=[0, 3, 1, 2])
        graph.node.insert(0, turn)
        graph.node.insert(0, reshape)

    def save(self) -> None:
        """See `Editor`."""
        onnx.save(self._model, self.path)

    def _set(self, name: str, value: Array) -> None:
        self._constants[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))

    def _pair(self, layer: int) -> Any:
        return self._makers[self._nodes[layer].input[1]]

    def _stored(self, layer: int) -> str:
        name = self._nodes[layer].input[1]
        return str(self._makers[name].input[0] if name in self._makers else name)

    def _readers(self, name: str) -> list[Any]:
        return [node for node in self._model.graph.node if name in node.input]

    def _behind(self, name: str) -> Any:
        """Return the quantize node behind a layer, past its activation function."""
        node = self._readers(name)[0]
        return node if node.op_type == "QuantizeLinear" else self._behind(node.output[0])
