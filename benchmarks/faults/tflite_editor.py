"""Edits TFLite files."""

from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from benchmarks.faults.editor import Array, Editor

_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_MOVING = ("PAD", "RESHAPE", "TRANSPOSE", "MAX_POOL_2D")
_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if name[0] != "_"}
_DTYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8,
           schema.TensorType.INT32: np.int32}  # fmt: skip


class TfliteEditor(Editor):
    """See `Editor`."""

    def __init__(self, path: Path, names: list[str]) -> None:
        super().__init__(path, names)
        self._model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
        self._graph = self._model.subgraphs[0]
        self._operators = [op for op in self._graph.operators if self._kind(op) in _WEIGHTED]

    def weight(self, layer: int) -> Array:
        """See `Editor`."""
        stored = self._value(self._operators[layer].inputs[1])
        if stored.ndim != 4:
            return stored
        # Depthwise ones are stored 1HWC, the others OHWI.
        return stored.transpose(self._to_program(layer))

    def set_weight(self, layer: int, weight: Array) -> None:
        """See `Editor`."""
        back = np.argsort(self._to_program(layer)) if weight.ndim == 4 else range(weight.ndim)
        self._set(self._operators[layer].inputs[1], weight.transpose(tuple(back)))

    def scale(self, layer: int) -> NDArray[np.float32]:
        """See `Editor`."""
        found = self._graph.tensors[self._operators[layer].inputs[1]].quantization.scale
        return np.asarray(found, dtype=np.float32)

    def set_scale(self, layer: int, scale: NDArray[np.float32]) -> None:
        """See `Editor`."""
        factor = scale / self.scale(layer)
        self._graph.tensors[self._operators[layer].inputs[1]].quantization.scale = scale
        bias = self._graph.tensors[self._operators[layer].inputs[2]]
        if bias.type == schema.TensorType.INT32:  # its scale is the product: its values must follow
            bias.quantization.scale = np.asarray(bias.quantization.scale * factor, np.float32)
            self._set(
                self._operators[layer].inputs[2],
                np.round(self._value(self._operators[layer].inputs[2]) / factor).astype(np.int32),
            )

    def bias(self, layer: int) -> NDArray[np.float64]:
        """See `Editor`."""
        place = self._operators[layer].inputs[2]
        return self._value(place) * self._unit(place)

    def set_bias(self, layer: int, bias: NDArray[np.float64]) -> None:
        """See `Editor`."""
        place = self._operators[layer].inputs[2]
        dtype = _DTYPES[self._graph.tensors[place].type]
        value = bias / self._unit(place)
        self._set(place, (np.round(value) if dtype is np.int32 else value).astype(dtype))

    def squeeze_output(self, layer: int, factor: float, shift: int) -> None:
        """See `Editor`."""
        for place in self._moved(self._operators[layer].outputs[0]):
            about = self._graph.tensors[place].quantization
            about.scale = np.asarray(about.scale * np.float32(factor), dtype=np.float32)
            about.zeroPoint = np.clip(np.asarray(about.zeroPoint) + shift, -128, 127)

    def _moved(self, place: int) -> list[int]:
        """Return a tensor and those that only move its values: they must have the same scale."""
        readers = [op for op in self._graph.operators if place in op.inputs]
        moved = [op.outputs[0] for op in readers if self._kind(op) in _MOVING]
        return [place, *(further for output in moved for further in self._moved(output))]

    def misread_layout(self) -> None:
        """See `Editor`."""
        turn = next(op for op in self._graph.operators if self._kind(op) == "TRANSPOSE")
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RESHAPE
        code.version = 1
        self._model.operatorCodes.append(code)
        turn.opcodeIndex = len(self._model.operatorCodes) - 1
        turn.builtinOptions, turn.builtinOptionsType = None, 0
        shape = np.asarray(self._graph.tensors[turn.outputs[0]].shape, dtype=np.int32)
        self._set(turn.inputs[1], shape)

    def save(self) -> None:
        """See `Editor`."""
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        self.path.write_bytes(bytes(builder.Output()))

    def _kind(self, operator: Any) -> str:
        code = self._model.operatorCodes[operator.opcodeIndex]
        return _NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]

    def _to_program(self, layer: int) -> tuple[int, ...]:
        depthwise = self._kind(self._operators[layer]) == "DEPTHWISE_CONV_2D"
        return (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)

    def _value(self, place: int) -> Array:
        tensor = self._graph.tensors[place]
        raw = np.asarray(self._model.buffers[tensor.buffer].data, dtype=np.uint8)
        return raw.view(_DTYPES[tensor.type]).reshape(tuple(tensor.shape))

    def _set(self, place: int, value: Array) -> None:
        """Give a tensor a value of its own: converters let equal ones share a buffer."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(value).tobytes(), dtype=np.uint8)
        self._model.buffers.append(buffer)
        self._graph.tensors[place].buffer = len(self._model.buffers) - 1

    def _unit(self, place: int) -> Any:
        tensor = self._graph.tensors[place]
        if tensor.type != schema.TensorType.INT32:
            return 1.0
        return np.asarray(tensor.quantization.scale, dtype=np.float64)
