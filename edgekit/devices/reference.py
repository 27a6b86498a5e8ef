"""What an ONNX graph means, computed the same on every processor.

Runtimes rewrite a graph before they execute it, and their kernels differ from processor to
processor: ONNX Runtime 1.31 turns signed integers into unsigned ones on x86, whose products an AVX2
core adds up in 16 bits. Nothing of that is in the file. Here every operator is computed as the ONNX
specification words it, by the specification's own Python implementation (`onnx.reference`), with
two changes:

- float32 tensors are held in float64. What a processor's order of summation decides is then a part
  in 10**16, and the logits, rounded to float32 at the end, come out equal everywhere.
- The operators that cost time there are vectorized, in `reference_operators.py`.

float16 tensors stay float16: each operator's result is rounded to them, and may overflow in them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from edgekit.devices.reference_operators import OPERATORS
from edgekit.settings import Json

Array = NDArray[Any]


class Reference:
    """An interpreter of ONNX files; offers what the runner wants of a session."""

    version = "onnx.reference " + onnx.__version__

    def __init__(
        self, path: str, names: Sequence[str], threads: int, taps: Sequence[str] = ()
    ) -> None:
        model = onnx.load(path)
        self.graph, self.names, self.taps = model.graph, names, taps
        self.found: dict[str, Array] = {}
        self.evaluator = ReferenceEvaluator(model, new_ops=list(OPERATORS))
        self.outputs = [item.name for item in model.graph.output]
        self.described = [_described(item) for item in model.graph.input]
        # An input that is left out has no name.
        self.constants: dict[str, Any] = {"": None}
        self.constants.update(_widened(self.evaluator.rt_inits_))
        self.nodes = _folded(self.evaluator.rt_nodes_, self.constants)
        self.last_use = _last_uses(self.nodes)

    def inputs(self) -> list[Json]:
        """Describe the artifact's inputs: name, shape, dtype."""
        return self.described

    def run(self, arrays: Sequence[Array]) -> Array:
        """Run one sample."""
        feed = dict(zip(self.names, arrays, strict=True))
        self.found = self.tensors(feed, [self.outputs[0], *self.taps])
        return np.asarray(self.found[self.outputs[0]], dtype=np.float32)

    def tapped(self) -> list[Array]:
        """Return the taps' tensors of the last run."""
        return [np.asarray(self.found[tap], dtype=np.float32) for tap in self.taps]

    def ready(self, arrays: Sequence[Array]) -> Callable[[], Any]:
        """Return one inference; how long an interpreter takes says nothing about any device."""
        return lambda: self.run(arrays)

    def tensors(self, feed: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """Run one sample and return some of the graph's tensors by name; float64 for float32."""
        keep = set(wanted)
        values = {**self.constants, **_widened(feed)}
        for place, node in enumerate(self.nodes):
            values.update(_computed(node, values))
            for name in self.last_use.get(place, ()):
                if name not in keep:
                    del values[name]
        return {name: values[name] for name in wanted}


def _described(item: Any) -> Json:
    tensor = item.type.tensor_type
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)).name
    shape = [dim.dim_value for dim in tensor.shape.dim]
    return {"name": item.name, "shape": shape, "dtype": dtype}


def _last_uses(nodes: Sequence[Any]) -> dict[int, list[str]]:
    """Say after which node a node's result is not read any more, so that memory stays small."""
    made = {name for node in nodes for name in node.output if name}
    last = {name: place for place, node in enumerate(nodes) for name in node.input if name in made}
    found: dict[int, list[str]] = {}
    for name, place in last.items():
        found.setdefault(place, []).append(name)
    return found


def _computed(node: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    results = node.run(*(values[name] for name in node.input))
    return _widened(dict(zip(node.output, results, strict=False)))


def _folded(nodes: Sequence[Any], constants: dict[str, Any]) -> list[Any]:
    """Compute once what depends on constants alone; return the other nodes."""
    rest = []
    for node in nodes:
        if all(name in constants for name in node.input):
            constants.update(_computed(node, constants))
        else:
            rest.append(node)
    return rest


def _widened(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _wide(value) for name, value in values.items()}


def _wide(value: Any) -> Any:
    """Hold float32 in float64; everything else is what it is."""
    narrow = isinstance(value, np.ndarray | np.generic) and value.dtype == np.float32
    return value.astype(np.float64) if narrow else value
